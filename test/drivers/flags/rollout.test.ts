import { readdirSync, readFileSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import {
  folderForTest,
  runCanary,
  startCanary,
  type CanaryProcess,
} from "../../e2e/support/run-canary.ts";
import { ask, eventually, sandboxForTest } from "../../support/sandbox-client.ts";
import { fakeFlag, startFakeLaunchDarkly } from "./support/fake-launchdarkly.ts";
import { isWrite, startFlagProxy } from "./support/flag-proxy.ts";
import { noUnleash, startUnleash, type UnleashServer } from "./support/unleash-server.ts";

const absent = noUnleash();
const PLAN = join(import.meta.dirname, "plans/rollout.yaml");
const FLAGS = {
  flags: {
    checkout: { state: "ENABLED", variants: { on: true, off: false }, defaultVariant: "off" },
  },
};

let unleash: UnleashServer;

/** Every byte that a rollout left in a folder, and all it printed, must be free of the tokens it was given. */
function leaks(folder: string, printed: string, tokens: readonly string[]): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(5);
  return tokens.flatMap((token) => {
    const forms = [token, encodeURIComponent(token), Buffer.from(token).toString("base64")];
    const found = (text: string): boolean => forms.some((form) => text.includes(form));
    const inFiles = files.filter((path) => found(readFileSync(path, "latin1")));
    return found(printed) ? [...inFiles, "what was printed"] : inFiles;
  });
}

/** Waits until the last of the flags has its share, so that no action is under way; a rollout that ends before says why. */
async function untilShare(start: CanaryProcess, file: string, share: number): Promise<void> {
  const over = start.exit.then(({ stdout, stderr }) => {
    throw new Error(`it ended before: ${stdout}${stderr}`);
  });
  const live = eventually(
    () => readFile(file, "utf8"),
    (text) => text.includes(`["on", ${share}]`),
  );
  await Promise.race([live, over]);
}

async function world() {
  const sandbox = await sandboxForTest();
  const dark = await startFakeLaunchDarkly();
  const proxy = await startFlagProxy(unleash.url);
  onTestFinished(async () => {
    await dark[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const folder = folderForTest();
  const file = join(folder, "flags.json");
  await writeFile(file, `${JSON.stringify(FLAGS, null, 2)}\n`);
  dark.flags.set("checkout", fakeFlag());
  const project = "/api/admin/projects/default/features";
  for (const name of ["checkout", "checkout-old"]) {
    const strategies = `${project}/${name}/environments/production/strategies`;
    await unleash.ask("DELETE", `${project}/${name}`).catch(() => null);
    await unleash.ask("DELETE", `/api/admin/archive/${name}`).catch(() => null);
    await unleash.ask("POST", project, { name, type: "release" });
    const rollout = name === "checkout" ? "0" : "100";
    const parameters = { rollout, stickiness: "default", groupId: name };
    await unleash.ask("POST", strategies, { name: "flexibleRollout", parameters });
    if (name === "checkout-old")
      await unleash.ask("POST", `${project}/${name}/environments/production/on`);
  }
  const state = async () => {
    const [now, old] = await Promise.all(
      ["checkout", "checkout-old"].map((name) => unleash.ask("GET", `${project}/${name}`)),
    );
    const environments = (of: unknown): unknown => (of as { environments: unknown }).environments;
    const { version: _, ...production } =
      dark.flags.get("checkout")?.environments["production"] ?? {};
    return {
      unleash: [environments(now), environments(old)],
      launchdarkly: structuredClone(production) as Record<string, unknown>,
      flagd: await readFile(file, "utf8"),
    };
  };
  const tokens = [unleash.token, dark.token];
  const env = {
    UNLEASH_URL: proxy.url,
    UNLEASH_TOKEN: unleash.token,
    LD_URL: dark.url,
    LD_TOKEN: dark.token,
  };
  const args = ["--plan", PLAN, "--set", `file=${file}`, "--sandbox", sandbox.url];
  const evidence = ["--evidence", join(folder, "evidence")];
  return { sandbox, dark, proxy, folder, file, state, tokens, env, args, evidence };
}

/** A rollout of seconds takes more of them on a machine that is busy. */
const BOUND = 150_000;

describe.skipIf(absent !== null)(`a rollout over three flag systems ${absent ?? ""}`, () => {
  beforeAll(async () => {
    unleash = await startUnleash();
  }, 180_000);
  afterAll(() => unleash?.[Symbol.asyncDispose]());

  it(
    "promotes all of them, switches the old flag off, and leaves no token anywhere",
    async () => {
      const { folder, state, tokens, env, args, evidence } = await world();
      const exit = await runCanary(folder, ["start", ...args, ...evidence], { env });
      expect(exit.code, exit.stdout + exit.stderr).toBe(0);
      const { unleash, launchdarkly, flagd } = await state();
      const rollout = (percent: string, on: boolean): unknown =>
        expect.arrayContaining([
          expect.objectContaining({
            name: "production",
            enabled: on,
            strategies: [
              expect.objectContaining({
                parameters: expect.objectContaining({ rollout: percent }),
              }),
            ],
          }),
        ]);
      expect(unleash).toEqual([rollout("100", true), rollout("100", false)]);
      expect(launchdarkly).toMatchObject({ on: true, fallthrough: { variation: 0 } });
      expect(flagd).toContain('[["on", 100], ["off", 0]]');
      expect(leaks(folder, exit.stdout + exit.stderr, tokens)).toEqual([]);
      // The search itself finds what is there.
      expect(leaks(folder, exit.stdout + exit.stderr, ["UNLEASH_TOKEN"])).not.toEqual([]);
    },
    BOUND,
  );

  it(
    "restores all of them to the byte when it is aborted, and leaves no token anywhere",
    async () => {
      const { folder, file, state, tokens, env, args, evidence } = await world();
      const before = await state();
      const start = startCanary(folder, ["start", ...args, ...evidence], { env });
      await untilShare(start, file, 50);
      const abort = await runCanary(folder, ["abort", "--reason", "the test says so"], { env });
      expect(abort.code, abort.stdout + abort.stderr).toBe(31);
      expect((await start.exit).code).toBe(31);
      expect(await state()).toEqual(before);
      const printed = abort.stdout + abort.stderr + start.stdout() + start.stderr();
      expect(leaks(folder, printed, tokens)).toEqual([]);
    },
    BOUND,
  );

  it(
    "goes back on a spike, also where no flag service answers a read any more",
    async () => {
      const { folder, file, state, env, args, evidence, dark, proxy, sandbox } = await world();
      const before = await state();
      const start = startCanary(folder, ["start", ...args, ...evidence], { env });
      await untilShare(start, file, 5);
      proxy.rule = (seen) => (isWrite(seen) ? "pass" : { status: 502, body: "<html>" });
      dark.weather = (seen) => (isWrite(seen) ? null : { status: 502, body: "<html>" });
      await ask(`${sandbox.url}/knobs`, "POST", { stable: { errorRate: 0.6 } });
      await eventually(
        () => state(),
        ({ launchdarkly, flagd }) => launchdarkly["on"] === false && flagd === before.flagd,
      );
      await eventually(
        () => state(),
        ({ unleash }) => JSON.stringify(unleash) === JSON.stringify(before.unleash),
      );
      // All is back, but nothing can be read back: it goes on trying until the services answer again.
      proxy.rule = () => "pass";
      dark.weather = null;
      await ask(`${sandbox.url}/knobs`, "DELETE");
      const exit = await start.exit;
      expect(exit.code, exit.stdout + exit.stderr).toBe(30);
      expect(await state()).toEqual(before);
    },
    BOUND,
  );
});
