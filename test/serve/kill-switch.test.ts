import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { runCanary, startCanary, type CanaryProcess } from "../e2e/support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "../e2e/support/world.ts";
import { eventually } from "../support/sandbox-client.ts";
import { send } from "./serve-world.ts";

interface Served {
  readonly url: string;
  readonly process: CanaryProcess;
  readonly token: string;
}

/** `canary serve` as a process, and a token of a council member. */
async function serve(world: World, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const issued = await runCanary(world.folder, [
    ...["token", "--for", "@jermaineMerritt", "--roles", "council"],
  ]);
  const process = startCanary(world.folder, ["serve", "--port", "0"], { env });
  const url = await eventually(
    () => Promise.resolve(process.stdout().trim()),
    (text) => text.startsWith("http"),
  );
  return { url, process, token: issued.stdout.trim() };
}

/** The very line of the runbook, sent by curl. */
function curl({ url, token }: Served, body: object): { status: string; text: string } {
  const out = execFileSync("curl", [
    ...["-s", "-w", "\n%{http_code}", "-X", "POST", `${url}/ops/canary/abort`],
    ...["-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: application/json"],
    ...["-d", JSON.stringify(body)],
  ]).toString();
  const cut = out.lastIndexOf("\n");
  return { status: out.slice(cut + 1), text: out.slice(0, cut) };
}

const ORDER = { reason: "High error rate detected", confirmed: true, operator: "@jermaineMerritt" };

test("the runbook's curl aborts, while metrics are down; the server is killed meanwhile; the trail verifies", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const served = await serve(world);
  const read = await send(`${served.url}/ops/canary/status`, {
    headers: { authorization: `Bearer ${served.token}` },
  });
  expect(read.json["active"]).toMatchObject([{ id: await world.rolloutId() }]);
  // A request that is refused leaves the rollout as it is.
  expect(curl(served, { ...ORDER, confirmed: false }).status).toBe("400");
  expect(curl({ ...served, token: "wrong" }, ORDER).status).toBe("401");
  expect((await world.state()).traffic.canary).toBeGreaterThan(0);
  await world.knobs({ metricsStatus: 503 });
  const { status, text } = curl(served, ORDER);
  expect(status, text + served.process.stderr()).toBe("202");
  served.process.signal("SIGKILL");
  await start.exit;
  await expectBaseline(world);
  const [listed] = await world.list();
  expect(["rolled-back", "rollback-failed"]).toContain(listed?.state);
  const trail = await runCanary(world.folder, ["verify", "--audit", "--json"]);
  expect(trail.code, trail.stdout).toBe(0);
  // Who, why and which line of the trail stands in the journal of the rollout too.
  const report = await runCanary(world.folder, ["status", "--json", "--evidence", world.evidence]);
  expect(report.stdout).toMatch(/High error rate detected \(audit \d+, [0-9a-f]{16}\)/u);
  expect(report.stdout).toContain("jermaineMerritt");
});

test("it aborts too with the rollout's own store gone, from the bundle", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  const served = await serve(world);
  await send(`${served.url}/ops/canary/status`, {
    headers: { authorization: `Bearer ${served.token}` },
  });
  start.signal("SIGKILL");
  await start.exit;
  rmSync(join(world.evidence, id, "plan.json"));
  const { status, text } = curl(served, { ...ORDER, rollout: id });
  expect(["200", "202"], text).toContain(status);
  await eventually(world.state, ({ deploys }) => deploys.canary.replicas === 1);
  await expectBaseline(world);
});

test("under a policy it says who may stop, and a token of its people is a token", async () => {
  const world = await worldForTest();
  const policy = join(world.folder, "policy.yaml");
  writeFileSync(
    policy,
    [
      "apiVersion: canary/v1",
      "kind: Policy",
      "people:",
      '  ops-bot: { token: "${env:KILL_SWITCH_TOKEN}", roles: [ops] }',
      "  jermaineMerritt: { roles: [viewer] }",
      "stop: [ops]",
      "tiers: { normal: {} }",
      "",
    ].join("\n"),
  );
  const secret = "a-random-text-of-more-than-24-characters";
  const served = await serve(world, { KILL_SWITCH_TOKEN: secret, CANARY_POLICY: policy });
  // The token file says council; the policy knows better.
  const { status, text } = curl(served, ORDER);
  expect([status, JSON.parse(text)]).toMatchObject(["403", { why: "wrong-role" }]);
  const bot = curl({ ...served, token: secret }, { reason: "x", confirmed: true });
  expect([bot.status, JSON.parse(bot.text)]).toMatchObject(["404", { why: "no-rollout" }]);
  const short = await runCanary(world.folder, ["serve", "--port", "0", "--audit", "other"], {
    env: { KILL_SWITCH_TOKEN: "short", CANARY_POLICY: policy },
  });
  expect(short.code, short.stderr).toBe(2);
  expect(short.stderr).toContain("at least 24");
});

test.for([
  [["serve", "--host", "0.0.0.0"], "without TLS"],
  [["serve", "--tokens-env", "NOT_SET"], "NOT_SET is not set"],
  [["serve", "--cert", "x"], "belong together"],
  [["token", "--for", "x"], "without roles"],
  [["token", "--for", "x", "--roles", "a", "--expires", "100d"], "at most 90d"],
  [["token", "--revoke", "00000000"], "there is no token"],
] as const)("%s is refused", async ([args, says]) => {
  const world = await worldForTest();
  const exit = await runCanary(world.folder, args);
  expect(exit.code, exit.stdout + exit.stderr).toBe(2);
  expect(exit.stderr).toContain(says);
});
