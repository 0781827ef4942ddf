import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";

import { startFakeApi, type FakeApi } from "../sinks/support/fake-api.ts";
import { startFakeGithub } from "../sinks/support/fake-github.ts";
import { startFakeGrafana } from "../sinks/support/fake-grafana.ts";
import { startFakePagerDuty } from "../sinks/support/fake-pagerduty.ts";
import { startFakeSlack } from "../sinks/support/fake-slack.ts";
import { startSmtpServer } from "../sinks/support/smtp-server.ts";
import { afterTest } from "../support/after-test.ts";
import { eventually } from "../support/sandbox-client.ts";
import { startCanary } from "./support/run-canary.ts";
import { untilShare, worldForTest, type World } from "./support/world.ts";

const hasChromium = spawnSync("chromium", ["--version"]).status === 0;

const env = {
  SLACK_TOKEN: "xoxb-canary-slack-4c1d",
  PD_KEY: "canary-pagerduty-77aa",
  GRAFANA_TOKEN: "glsa_canary-grafana-09f2",
  GITHUB_TOKEN: "ghp_canary-github-e5b8",
  HOOK_SECRET: `whsec_${Buffer.from("canary-webhook-secret-31dd").toString("base64")}`,
};

async function people() {
  const told = {
    slack: await startFakeSlack(env.SLACK_TOKEN),
    pagerduty: await startFakePagerDuty(env.PD_KEY),
    grafana: await startFakeGrafana(env.GRAFANA_TOKEN),
    github: await startFakeGithub(env.GITHUB_TOKEN),
    hook: await startFakeApi(() => ({ status: 204 })),
    smtp: await startSmtpServer(),
  };
  afterTest(async () => {
    for (const each of Object.values(told)) await each[Symbol.asyncDispose]();
  });
  const { smtp, ...apis } = told;
  const urls = Object.entries(apis).flatMap(([name, { url }]) => ["--set", `${name}=${url}`]);
  return { ...told, args: [...urls, "--set", `smtp=${smtp.port}`] };
}

/** Every file below a folder, as one text. What a browser that ends meanwhile takes away is none. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

function expectNoSecrets(text: string): void {
  for (const secret of Object.values(env)) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("base64"));
  }
}

const typesOf = ({ asked }: FakeApi): readonly unknown[] => asked.map(({ json }) => json["type"]);

test.concurrent("a rollout tells everybody what happens, and its evidence verifies", async () => {
  const [world, told] = [await worldForTest(), await people()];
  const exit = await world.start("messages.yaml", told.args, env).exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  const [living] = [...told.slack.messages.values()];
  expect(living).toEqual({
    text: "🟢 told: promoted: the new version is in force",
    thread: null,
  });
  expect([...told.slack.messages.values()].filter(({ thread }) => thread === null).length).toBe(1);
  expect(told.pagerduty.changes.length).toBe(4);
  expect(told.pagerduty.open.size).toBe(0);
  expect([...told.grafana.annotations.values()].map(({ tags }) => tags[1])).toEqual([
    "canary:passed",
    "canary:passed",
  ]);
  expect(told.github.states).toEqual(["deployment in_progress", "deployment success"]);
  expect(typesOf(told.hook)).toEqual([
    "rollout.started",
    "rollout.stage-passed",
    "rollout.stage-passed",
    "rollout.promoted",
  ]);
  for (const { body, headers } of told.hook.asked)
    new Webhook(env.HOOK_SECRET).verify(body, headers as Record<string, string>);
  expect(told.smtp.mails.map(({ to }) => to)).toEqual([["ops@example.com"]]);
  const [rollout] = await world.list();
  const folder = join(world.evidence, rollout?.id ?? "");
  expect(readFileSync(join(folder, "stages/02-all/success.txt"), "utf8")).toContain("told: 2/2");
  if (hasChromium) {
    const png = readFileSync(join(folder, "stages/01-pilot/state.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([400, 300]);
  }
  const journal = everything(folder);
  expect(journal).toContain("the command before it failed");
  expect(journal).toContain("exit code 3");
  const verified = await world.verify(told.hook.asked.map(({ body }) => body).join("\n"));
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toMatch(/witness stdin: saw \d+ lines, the last one 2\.\d+/u);
  expectNoSecrets(journal + everything(world.folder) + exit.stdout + exit.stderr);
});

function abort(world: World): Promise<{ readonly code: number | null; readonly text: string }> {
  const args = ["abort", "--reason", "the test says so", "--by", "ana"];
  const { exit } = startCanary(world.folder, args, { env });
  return exit.then(({ code, stdout, stderr }) => ({ code, text: stdout + stderr }));
}

test.concurrent("the abort of a rollout whose runner was killed goes on where it stopped: same message, same deployment", async () => {
  const [world, told] = [await worldForTest(), await people()];
  const start = world.start("messages.yaml", [...told.args, "--set", "soak=50s"], env);
  await untilShare(world, 10);
  const begun = () => Promise.resolve(told.grafana.annotations.size === 1);
  await eventually(begun, Boolean);
  start.signal("SIGKILL");
  await start.exit;
  const { code, text } = await abort(world);
  expect(code, text).toBe(31);
  const threads = [...told.slack.messages.values()].map(({ thread }) => thread);
  expect(threads.filter((thread) => thread === null).length).toBe(1);
  const [living] = told.slack.messages.values();
  expect(living?.text).toContain("rolled back");
  expect(told.github.deployments.length).toBe(1);
  expect(told.github.states.at(-1)).toBe("deployment failure");
  expect([...told.grafana.annotations.values()]).toMatchObject([{ timeEnd: expect.any(Number) }]);
  expect(told.smtp.mails[0]?.text).toContain("because the test says so, said by ana");
  expect(typesOf(told.hook)).toEqual(["rollout.started", "rollout.rolled-back"]);
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
  expectNoSecrets(everything(world.folder) + text + start.stdout() + start.stderr());
});

test.concurrent("when everybody is gone the abort ends 31 all the same, and says whom it could not tell", async () => {
  const [world, told] = [await worldForTest(), await people()];
  const start = world.start("messages.yaml", [...told.args, "--set", "soak=50s"], env);
  await untilShare(world, 10);
  for (const each of [told.slack, told.pagerduty, told.grafana, told.github, told.hook, told.smtp])
    await each[Symbol.asyncDispose]();
  const { code, text } = await abort(world);
  expect(code, text).toBe(31);
  expect((await start.exit).code).toBe(31);
  expect(text).toContain("slack could not be told");
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
});
