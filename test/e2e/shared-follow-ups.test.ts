import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startFakeApi } from "../sinks/support/fake-api.ts";
import { afterTest } from "../support/after-test.ts";
import { postgresForFile, withoutPostgres, type RealPostgres } from "../support/real-postgres.ts";
import { policyFor } from "./support/people.ts";
import { folderForTest, runCanary, type Exit } from "./support/run-canary.ts";
import { untilShare, worldForTest } from "./support/world.ts";

type Run = (...args: readonly string[]) => Promise<Exit>;

describe.skipIf(withoutPostgres)("what people say beside a rollout in a shared store", () => {
  let server: RealPostgres;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    server = await postgresForFile();
    const store = `postgres://owner@127.0.0.1:${server.port}/postgres`;
    env = { CANARY_STORE: store, PGPASSWORD: server.password };
  }, 60_000);
  afterAll(() => server.stop());

  /** A machine of its own; `state` is the folder with the key of who sits there. */
  function machine(state?: string): Run {
    const folder = folderForTest();
    const own = state === undefined ? {} : { CANARY_STATE_DIR: state };
    return (...args) => runCanary(folder, args, { env: { ...env, ...own } });
  }

  test("tasks are listed, done and known to be done on every machine", async () => {
    const world = await worldForTest();
    const rules = "tiers: { normal: {} }\ntasks: { rca: { task: root cause, within: 1ms } }";
    const { path } = await policyFor(world, rules);
    const start = world.start("fast.yaml", ["--policy", path], env);
    await untilShare(world, 5);
    const id = await world.rolloutId();
    const cy = machine(join(world.folder, "cy"));
    const aborted = await cy("abort", id, "--by", "eve", "--break-glass", "--reason", "x");
    expect(aborted.code, aborted.stdout + aborted.stderr).toBe(31);
    await start.exit;
    const third = machine();
    const owed = await third("tasks", id);
    expect(owed.stdout).toContain("rca: root cause");
    expect(owed.stdout).toContain("break-glass");
    expect((await cy("confirm", id, "rca", "--reason", "wiki/12")).code).toBe(0);
    expect((await cy("confirm", id, "break-glass", "--reason", "seen")).code).toBe(0);
    for (const run of [third, machine()])
      expect((await run("tasks")).stdout).toBe("nothing is owed\n");
    const unsigned = machine();
    expect((await unsigned("confirm", id, "rca")).stderr).toContain("cy has done rca already");
  }, 60_000);

  test("an announcement that one machine has made is made for all", async () => {
    const mail = await startFakeApi(() => ({ status: 204 }));
    const site = await startFakeApi(() => ({ status: 200 }));
    afterTest(async () => {
      await mail[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    });
    const plan = join(folderForTest(), "plan.yaml");
    writeFileSync(
      plan,
      `apiVersion: canary/v1
kind: Plan
name: noticed
connections: { mail: { type: webhook, url: "${mail.url}" } }
messages: { maintenance: { subject: Maintenance, text: Nothing to do., to: [mail] } }
checks:
  up: { http: "${site.url}", interval: 1s }
  noticed: { announced: maintenance, ahead: 0s }
preflight: [noticed]
stages: [{ name: all, soak: 10s, gates: [up passes] }]
rollback: { verify: { checks: [up] } }
`,
    );
    const [one, other] = [machine(), machine()];
    const before = await other("doctor", plan);
    expect(before.code, before.stdout + before.stderr).toBe(20);
    expect(before.stdout).toContain("maintenance was not announced");
    expect((await one("announce", plan)).stdout).toContain("told: maintenance to mail");
    const again = await other("announce", plan);
    expect(again.stdout).toContain("was told: maintenance to mail");
    expect(mail.asked).toHaveLength(1);
    const after = await other("doctor", plan);
    expect(after.code, after.stdout + after.stderr).toBe(0);
    // Without the store nobody there knows of it.
    const alone = await machine()("doctor", plan, "--store", "file");
    expect(alone.code).toBe(20);
  }, 60_000);
});
