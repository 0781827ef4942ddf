import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openDatabase } from "../../src/store/postgres/database.ts";
import { afterTest } from "../support/after-test.ts";
import { clusterForTest, kubectl, withoutCluster } from "../support/cluster.ts";
import type { KubeWorld } from "../support/kube-world.ts";
import { postgresForFile, withoutPostgres, type RealPostgres } from "../support/real-postgres.ts";
import { eventually } from "../support/sandbox-client.ts";
import { startTcpGate, type TcpGate } from "../support/tcp-gate.ts";
import { expectAbortThroughSilence } from "./support/abort-through-silence.ts";
import { folderForTest, runCanary, startCanary, type Exit } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type ListedRollout } from "./support/world.ts";

type Env = Readonly<Record<string, string>>;

/** Another machine: no evidence, no index, no key of its own. */
function elsewhere(env: Env): (args: readonly string[]) => Promise<Exit> {
  const folder = folderForTest();
  return (args) => runCanary(folder, args, { env });
}

/** A rollout is seen, held and aborted from a machine that knows nothing but the store; the evidence of both is whole. */
async function expectStopFromElsewhere(env: Env): Promise<void> {
  const world = await worldForTest();
  const runner = world.start("fast.yaml", [], env);
  await untilShare(world, 5);
  const other = elsewhere(env);
  const [listed] = JSON.parse((await other(["list", "--json"])).stdout) as ListedRollout[];
  expect(listed).toMatchObject({ state: "running" });
  const id = listed?.id ?? "";
  const held = await other(["hold", "--reason", "look at this"]);
  expect(held).toMatchObject({ code: 0 });
  expect((await other(["status", id, "--json"])).stdout).toContain('"state": "held"');
  // Two people on two machines at once: twice is once.
  const stop = ["abort", "--reason", "from elsewhere"];
  const aborts = await Promise.all([other(stop), elsewhere(env)([...stop, "--by", "bert"])]);
  for (const aborted of aborts)
    expect(aborted, aborted.stdout + aborted.stderr).toMatchObject({ code: 31 });
  expect((await runner.exit).code).toBe(31);
  await expectBaseline(world);
  const verified = await other(["verify", id]);
  expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  const there = await world.verify();
  expect(there.code, there.text).toBe(0);
  // A third one fetches what the store has: all but what was taken on the other two.
  const third = await elsewhere(env)(["verify", id]);
  expect(third.stdout + third.stderr).toMatch(/manifest\.json: there is none/u);
  expect(third.stdout).not.toMatch(/problem: (?:journal|plan|rollback)/u);
}

/** A database that only this test uses, so that its rollouts are the only ones. */
async function ownDatabase(server: RealPostgres, gate: TcpGate, name: string): Promise<string> {
  const url = `postgres://owner@127.0.0.1:${server.port}/postgres`;
  const admin = openDatabase({ url, password: server.password });
  await admin.query(`create database ${name}`, []);
  await admin.close();
  return `postgres://owner@${gate.address}/${name}`;
}

/** The API server takes what it is sent, and no answer of it arrives. */
function muted({ gate }: KubeWorld): () => void {
  gate.state = "mute";
  return () => void (gate.state = "open");
}

describe.skipIf(withoutCluster)("a rollout whose journal is in the cluster", () => {
  // Together: waiting for twenty seconds costs nothing beside what the first one does.
  test("is stopped from another machine, also while the API server is silent for twenty seconds", async () => {
    const cluster = await clusterForTest();
    await kubectl(cluster, ["create", "namespace", "shared-store"]);
    const CANARY_STORE = "kubernetes:///shared-store";
    await Promise.all([
      expectStopFromElsewhere({ CANARY_STORE, KUBECONFIG: cluster.kubeconfig }),
      expectAbortThroughSilence(cluster, "file", muted),
      expectAbortThroughSilence(cluster, "shared", muted),
    ]);
  }, 240_000);
});

describe.skipIf(withoutCluster)("doctor on the way to a store in the cluster", () => {
  test("names the verb that the Role lacks", async () => {
    const cluster = await clusterForTest();
    await kubectl(cluster, ["create", "namespace", "lacking"]);
    const own = ["--namespace=lacking"];
    const verbs = "--verb=get,list,create";
    await kubectl(cluster, [...own, "create", "role", "r", "--resource=configmaps", verbs]);
    await kubectl(cluster, [...own, "create", "rolebinding", "r", "--role=r", "--group=devs"]);
    const world = await worldForTest();
    const plan = resolve(import.meta.dirname, "plans/fast.yaml");
    const env = { KUBECONFIG: cluster.restricted, CANARY_STORE: "kubernetes:///lacking" };
    const line = ["doctor", plan, "--sandbox", world.sandbox.url, "--evidence", world.evidence];
    const { code, stdout, stderr } = await runCanary(world.folder, line, { env });
    expect(stdout + stderr).toContain("you may not patch configmaps in namespace lacking");
    expect(code).toBe(20);
  }, 30_000);
});

describe.skipIf(withoutPostgres)("a rollout whose journal is in PostgreSQL", () => {
  let server: RealPostgres;
  let gate: TcpGate;
  let env: Env;
  beforeAll(async () => {
    server = await postgresForFile();
    gate = await startTcpGate(`127.0.0.1:${server.port}`);
    const store = `postgres://owner@${gate.address}/postgres`;
    env = { CANARY_STORE: store, PGPASSWORD: server.password };
  }, 60_000);
  afterAll(async () => {
    await gate[Symbol.asyncDispose]();
    await server.stop();
  });

  test("is stopped from another machine", () => expectStopFromElsewhere(env), 60_000);

  test("is aborted while the store is silent, from its bundle, and the store learns it when it is back", async () => {
    const world = await worldForTest();
    const runner = world.start("fast.yaml", [], env);
    await untilShare(world, 5);
    const id = await world.rolloutId();
    runner.signal("SIGKILL");
    await runner.exit;
    gate.state = "mute";
    afterTest(() => void (gate.state = "open"));
    const other = startCanary(folderForTest(), ["abort", id, "--reason", "from elsewhere"], {
      env,
    });
    const password = { PGPASSWORD: server.password };
    const line = ["abort", id, "--reason", "the store is silent"];
    const abort = startCanary(world.folder, line, { env: password });
    await eventually(world.state, ({ traffic }) => traffic.canary === 0);
    gate.state = "open";
    const { code, stdout, stderr } = await abort.exit;
    expect(code, stdout + stderr).toBe(31);
    // Without the bundle there is nothing to do but to wait, and to say so.
    const waited = await other.exit;
    expect(waited.stderr).toMatch(/NOT ABORTED YET: .* does not answer[\s\S]*abort --bundle FILE/u);
    // Both are on one host here: the later of them may end the process of the other, so that nothing of it lands late.
    const isEnded = waited.signal === "SIGKILL" || waited.code === 31;
    expect(isEnded, `${waited.signal}: ${waited.stdout}${waited.stderr}`).toBe(true);
    await expectBaseline(world);
    const seen = await elsewhere(env)(["status", id, "--json"]);
    expect(JSON.parse(seen.stdout)).toMatchObject({ state: "rolled-back", exit: 31 });
  }, 90_000);

  test("is rolled back by a guard on another machine, and two are aborted at once by --all", async () => {
    const [lost, first, second] = [
      await worldForTest(),
      await worldForTest(),
      await worldForTest(),
    ];
    const store = ["--store", await ownDatabase(server, gate, "several")];
    const guard = startCanary(folderForTest(), ["guard", ...store], { env });
    const runner = lost.start("fast.yaml", store, env);
    await untilShare(lost, 5);
    runner.signal("SIGKILL");
    await eventually(lost.state, ({ traffic }) => traffic.canary === 0);
    await eventually(
      () => Promise.resolve(guard.stderr() + guard.stdout()),
      (said) => said.includes("exit 30"),
    );
    guard.signal("SIGTERM");
    expect((await guard.exit).code).toBe(0);
    const runners = [first, second].map((world) => world.start("fast.yaml", store, env));
    await Promise.all([first, second].map((world) => untilShare(world, 5)));
    const abort = ["abort", "--all", ...store, "--reason", "everything"];
    const aborted = await runCanary(folderForTest(), abort, { env });
    expect(aborted.code, aborted.stdout + aborted.stderr).toBe(31);
    expect(aborted.stdout.match(/rolled back and verified \(exit 31\)/gu)).toHaveLength(2);
    expect(await Promise.all(runners.map(async ({ exit }) => (await exit).code))).toEqual([31, 31]);
    await Promise.all([lost, first, second].map(expectBaseline));
  }, 120_000);

  test("is kept where its plan says, found without being told, and reaped by another machine", async () => {
    const world = await worldForTest();
    const plan = join(world.folder, "plan.yaml");
    const text = readFileSync(resolve(import.meta.dirname, "plans/fast.yaml"), "utf8");
    const store = `postgres://owner:\${env:STORE_PASSWORD}@${gate.address}/postgres`;
    writeFileSync(plan, text.replace("name: fast", `name: kept\nstore: "${store}"`));
    const secret = { STORE_PASSWORD: server.password };
    const runner = world.start(plan, [], secret);
    await untilShare(world, 5);
    runner.signal("SIGKILL");
    await runner.exit;
    const password = { PGPASSWORD: server.password };
    const list = ["list", "--json", "--evidence", world.evidence];
    const listed = await runCanary(world.folder, list, { env: password });
    expect(JSON.parse(listed.stdout)).toMatchObject([{ plan: "kept", state: "running" }]);
    const other = elsewhere(password);
    const reaped = await other(["reap", "--store", env["CANARY_STORE"] ?? ""]);
    expect(reaped, reaped.stdout + reaped.stderr).toMatchObject({ code: 30 });
    await expectBaseline(world);
  }, 90_000);
});
