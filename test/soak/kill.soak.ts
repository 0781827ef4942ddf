import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { BASELINE, worldForTest } from "../e2e/support/world.ts";

const RUNS = Number(process.env["CANARY_SOAK_RUNS"] ?? 100);
/** The length of the plan, in milliseconds: a kill may come at any moment of it. */
const LENGTH = 14_000;

test.for(Array.from({ length: RUNS }, (_, run) => run))(
  "run %i: kill -9 at a random moment, abort, 31, the baseline is back, the chain verifies",
  async () => {
    const world = await worldForTest();
    const start = world.start("fast.yaml");
    await world.rolloutId();
    const after = Math.random() * LENGTH;
    await Promise.race([sleep(after), start.exit]);
    start.signal("SIGKILL");
    const ended = await start.exit;
    if (ended.code === 0) return;
    const abort = await world.abort().exit;
    expect(abort.code, `killed after ${after} ms\n${abort.stdout}${abort.stderr}`).toBe(31);
    const state = await world.state();
    expect(state.traffic).toEqual(BASELINE.traffic);
    expect(state.deploys.canary).toEqual(BASELINE.canary);
    const verified = await world.verify();
    expect(verified.code, verified.text).toBe(0);
  },
);

test.for(Array.from({ length: RUNS / 2 }, (_, run) => run))(
  "run %i: SIGSTOP at a random moment, abort, SIGCONT: nothing forward lands after",
  async () => {
    const world = await worldForTest();
    const start = world.start("fast.yaml");
    await world.rolloutId();
    await sleep(Math.random() * LENGTH * 0.8);
    start.signal("SIGSTOP");
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    const before = (await world.state()).writes.length;
    start.signal("SIGCONT");
    await Promise.race([start.exit, sleep(15_000)]);
    expect((await world.state()).writes).toHaveLength(before);
    expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  },
);
