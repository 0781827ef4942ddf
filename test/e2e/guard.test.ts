import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { runCanary, startCanary } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "./support/world.ts";

function guard(world: World) {
  return startCanary(world.folder, ["guard", "--evidence", world.evidence]);
}

const says = (process: { stderr(): string; stdout(): string }, text: RegExp): Promise<string> =>
  eventually(
    () => Promise.resolve(process.stdout() + process.stderr()),
    (all) => text.test(all),
  );

test.concurrent("a guard rolls back what a killed runner leaves behind, and stays", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  const guarding = guard(world);
  await untilShare(world, 10);
  await says(guarding, /guarded/u);
  start.signal("SIGKILL");
  await says(guarding, /taken over, exit 30/u);
  await expectBaseline(world);
  expect((await world.list())[0]).toMatchObject({ state: "rolled-back", exit: 30 });
  guarding.signal("SIGTERM");
  expect((await guarding.exit).code).toBe(0);
});

test.concurrent("a guard lets a runner alone that lives, to its end", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  const guarding = guard(world);
  await says(guarding, /guarded/u);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  await says(guarding, /it is over \(exit 0\)/u);
  expect((await world.state()).traffic.canary).toBe(100);
});

test.concurrent("with a guard a signal detaches with 33; the guard then does what the plan says", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  const guarding = guard(world);
  await untilShare(world, 10);
  await says(guarding, /guarded/u);
  // The runner believes in a guard when it saw its heartbeat move.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  start.signal("SIGTERM");
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(33);
  expect(exit.stdout).toContain("a guard watches");
  await says(guarding, /taken over, exit 30/u);
  await expectBaseline(world);
});

test.concurrent("reap does nothing for who lives, rolls back what was left, and says so in its exit code", async () => {
  const world = await worldForTest();
  const reap = (...args: string[]) =>
    runCanary(world.folder, ["reap", "--evidence", world.evidence, ...args]);
  expect(await reap()).toMatchObject({ code: 0, stdout: "no rollout is active: nothing to do\n" });
  const start = world.start("fast.yaml", ["--set", "soak=15s"]);
  await untilShare(world, 10);
  const alive = await reap("--json");
  expect(alive.code, alive.stderr).toBe(0);
  expect(JSON.parse(alive.stdout)).toMatchObject([{ state: "alive", exit: 0 }]);
  start.signal("SIGKILL");
  await start.exit;
  const reaped = await reap("--json");
  expect(reaped.code, reaped.stdout + reaped.stderr).toBe(30);
  expect(JSON.parse(reaped.stdout)).toMatchObject([{ state: "taken", exit: 30 }]);
  await expectBaseline(world);
});

test.concurrent("at 100 % a lost runner is a person's matter: reap changes nothing and exits 32", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 100);
  start.signal("SIGKILL");
  await start.exit;
  const writes = (await world.state()).writes.length;
  const reaped = await runCanary(world.folder, ["reap", "--evidence", world.evidence]);
  expect(reaped.code, reaped.stdout).toBe(32);
  expect(reaped.stdout).toMatch(/serves 100 %[\s\S]*canary resume[\s\S]*canary abort/u);
  expect((await world.state()).writes).toHaveLength(writes);
});

test.concurrent("unlock ends a rollout where it is with 42, and undoes nothing", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--set", "soak=15s"]);
  await untilShare(world, 10);
  const unlocked = await runCanary(world.folder, ["unlock", "--reason", "by hand"]);
  expect(unlocked.code, unlocked.stdout + unlocked.stderr).toBe(42);
  expect((await world.state()).traffic.canary).toBe(10);
  expect((await start.exit).code).toBe(42);
});
