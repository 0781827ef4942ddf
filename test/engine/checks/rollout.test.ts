import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Outcome } from "../../../src/engine/ports.ts";
import { readRollout } from "../../../src/engine/read-rollout.ts";
import { startRollout } from "../../../src/engine/start-rollout.ts";
import {
  engineWorld,
  quickPlan,
  testSignals,
  type EngineWorld,
} from "../../support/engine-world.ts";
import { freePort } from "../../support/free-port.ts";
import { startLoopbackServer, type LoopbackServer } from "../../support/loopback-server.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { lives, planWith, realEngine } from "./check-world.ts";

let server: LoopbackServer;
let health: { status: number; body: string };
beforeEach(async () => {
  health = { status: 200, body: '{"version":"v1","token":"s3cret-token"}' };
  server = await startLoopbackServer(({ path }) =>
    path.startsWith("/health") ? health : { status: 200, body: path },
  );
});
afterEach(() => server[Symbol.asyncDispose]());

interface Started {
  readonly outcome: Promise<Outcome>;
  readonly id: Promise<string>;
  readonly signals: ReturnType<typeof testSignals>;
}

/** Starts the quick plan with these checks; its first stage asks `smoke`. */
function start(world: EngineWorld, checks: string, sections = ""): Started {
  const plan = planWith(checks, sections);
  const [first, ...rest] = plan.stages;
  if (first === undefined) throw new Error("the quick plan has no stage");
  const stages = [{ ...first, checks: ["smoke"] }, ...rest];
  const signals = testSignals();
  const { promise: id, resolve } = Promise.withResolvers<string>();
  const source = { ...quickPlan(), plan: { ...plan, stages } };
  const outcome = startRollout(realEngine(world), source, {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  return { outcome, id, signals };
}

const PREFLIGHT = (url: string): string => `
preflight:
  - { http: "${url}/used?v=\${outputs.stable}" }
  - { http: ${url}/health, outputs: { stable: { json: version }, token: { json: token, secret: true } }, as: health.json }`;

test("a value read before the start is used by other checks, journalled, and secret ones are not", async () => {
  const world = engineWorld();
  const { outcome, id } = start(
    world,
    `
  smoke: { http: "${server.url}/smoke?v=\${outputs.stable}", bearer: "\${outputs.token}", as: smoke.txt }`,
    PREFLIGHT(server.url),
  );
  expect(await outcome).toMatchObject({ end: { kind: "promoted" } });
  const paths = server.seen.map(({ path }) => path);
  expect(paths.filter((path) => path !== "/health")).toEqual(["/used?v=v1", "/smoke?v=v1"]);
  expect(server.seen.at(-1)?.headers.authorization).toBe("Bearer s3cret-token");
  const facts = world.entries.map(({ event }) => event);
  expect(facts.find(({ kind }) => kind === "preflight-finished")).toMatchObject({
    outputs: { stable: "v1" },
  });
  expect(JSON.stringify(facts)).not.toContain("s3cret-token");
  const folder = join(world.evidence, await id);
  const captured = readFileSync(join(folder, "captures/health.json"), "utf8");
  expect(captured).toContain('"version":"v1"');
  expect(captured).not.toContain("s3cret-token");
  expect(readFileSync(join(folder, "stages/pilot/smoke.txt"), "utf8")).toBe("/smoke?v=v1");
  expect(await readRollout(world.store, world.evidence, await id)).toMatchObject({ problems: [] });
});

test("a value that cannot be read keeps a rollout from starting", async () => {
  health = { status: 200, body: "{}" };
  const world = engineWorld();
  const { outcome } = start(
    world,
    `
  smoke: { http: "${server.url}/smoke?v=\${outputs.stable}" }`,
    PREFLIGHT(server.url),
  );
  expect(await outcome).toMatchObject({ exit: 20, end: { kind: "refused" } });
  const end = (await outcome) as Extract<Outcome, { kind: "ended" }>;
  expect(JSON.stringify(end.end)).toContain('the output stable: no \\"version\\" in the document');
  expect(world.writes).toEqual([]);
});

test("an abort while a check has its services up: rolled back, and nothing is left running", async () => {
  const world = engineWorld();
  const port = await freePort();
  const { outcome, id, signals } = start(
    world,
    `
  smoke:
    services:
      sink:
        run: [ ${process.execPath}, -e, 'require("node:http").createServer().listen(${port})' ]
        ready: { tcp: "localhost:${port}" }
    steps: [ { http: ${server.url}/begun }, { wait: 1h } ]`,
  );
  await eventually(
    () => Promise.resolve(server.seen.length),
    (count) => count === 1,
  );
  const rollout = await id;
  const sinks = childrenOf(rollout);
  expect(sinks).toHaveLength(1);
  signals.send("SIGTERM");
  expect(await outcome).toMatchObject({ exit: 31 });
  expect(sinks.filter(lives)).toEqual([]);
});

/** The processes that carry this rollout in their environment. */
function childrenOf(rollout: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/environ`, "utf8");
      return text.includes(`CANARY_ROLLOUT=${rollout}`) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
