import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "./support/run-canary.ts";
import { BASELINE, untilShare, worldForTest, type World } from "./support/world.ts";

async function expectBack(world: World): Promise<void> {
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
}

test.concurrent("an abort while the runner lives: both end 31", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const abort = await world.abort().exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  expect((await start.exit).code).toBe(31);
  await expectBack(world);
});

test.concurrent.for([0, 300, 900, 1700, 2600, 3900, 5200, 7000])(
  "kill -9 of the runner after %i ms, then an abort: 31, and the baseline is back",
  async (after) => {
    const world = await worldForTest();
    const start = world.start("fast.yaml");
    await world.rolloutId();
    await sleep(after);
    start.signal("SIGKILL");
    await start.exit;
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    await expectBack(world);
  },
);

test.concurrent("an abort while the runner is frozen: no write of it lands after", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  start.signal("SIGSTOP");
  const abort = await world.abort().exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  const before = (await world.state()).writes.length;
  start.signal("SIGCONT");
  const left = await Promise.race([start.exit, sleep(20_000, null)]);
  expect(left === null ? "still running" : (left.code ?? left.signal)).toSatisfy(
    (end: unknown) => end === 31 || end === "SIGKILL",
  );
  expect((await world.state()).writes).toHaveLength(before);
  await expectBack(world);
});

test.concurrent("two aborts at once: both end 31", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const aborts = await Promise.all([world.abort().exit, world.abort().exit]);
  expect(aborts.map(({ code }) => code)).toEqual([31, 31]);
  expect((await start.exit).code).toBe(31);
  await expectBack(world);
});

test.concurrent("an abort of a rollout that ended rolled back writes nothing", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  expect((await world.abort().exit).code).toBe(31);
  await start.exit;
  const before = (await world.state()).writes.length;
  const again = await world.abort([id]).exit;
  expect(again.code, again.stdout + again.stderr).toBe(31);
  expect((await world.state()).writes).toHaveLength(before);
});

test.concurrent("an abort of nothing is a usage error, and says so", async () => {
  const exit = await runCanary(folderForTest(), ["abort", "--reason", "x"]);
  expect(exit.code).toBe(2);
  expect(exit.stderr).toContain("no rollout");
});

test.concurrent("an abort from the bundle alone, with the journal gone, brings the values back", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  start.signal("SIGKILL");
  await start.exit;
  const id = await world.rolloutId();
  const elsewhere = folderForTest();
  const exit = await runCanary(elsewhere, [
    ...["abort", "--bundle", `${world.evidence}/${id}/rollback.json`],
    ...["--reason", "x", "--evidence", `${elsewhere}/evidence`],
  ]);
  expect([31, 41], exit.stdout + exit.stderr).toContain(exit.code);
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
});

test.concurrent.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s rolls back and ends 31",
  async (name) => {
    const world = await worldForTest();
    const start = world.start("fast.yaml");
    await untilShare(world, 10);
    start.signal(name);
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(31);
    await expectBack(world);
  },
);
