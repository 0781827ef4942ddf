import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { BASELINE, untilShare, worldForTest, type World } from "./support/world.ts";

/** What breaks, and how the rollout must end: by a trigger or a gate where it is seen, by `maxBlind` where nothing is. */
const FAULTS: readonly {
  readonly name: string;
  readonly knobs: unknown;
  readonly blind?: true;
}[] = [
  { name: "error spike", knobs: { canary: { errorRate: 0.6 } } },
  { name: "latency spike", knobs: { canary: { latencyMs: 1500 } } },
  { name: "dead target", knobs: { deadTarget: true } },
  { name: "hanging metrics", knobs: { hangMetrics: true }, blind: true },
  { name: "metrics with an error inside a 200", knobs: { lieMetrics: "error" }, blind: true },
  { name: "metrics that are a page", knobs: { lieMetrics: "garbage" }, blind: true },
  { name: "metrics that are empty", knobs: { lieMetrics: "empty" }, blind: true },
  { name: "metrics that are NaN", knobs: { lieMetrics: "nan" }, blind: true },
  { name: "metrics that stand still", knobs: { staleMetrics: true }, blind: true },
  { name: "metrics that answer 503", knobs: { metricsStatus: 503 }, blind: true },
];

const STAGES = [
  { name: "pilot", share: 10 },
  { name: "all", share: 100 },
] as const;

const CASES = FAULTS.flatMap((fault) => STAGES.map((stage) => ({ ...fault, stage })));

test.for(CASES.filter(({ blind, stage }) => blind !== true || stage.share < 100))(
  "$name in stage $stage.name rolls back with 30",
  async ({ knobs, stage }) => {
    const world = await worldForTest();
    const start = world.start("fast.yaml", ["--set", "blind=3s"]);
    await untilShare(world, stage.share);
    await world.knobs(knobs);
    // The world is healed once the values are back, so that the verification can see it.
    const healed = world.healWhenBack();
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    await healed;
    await expectBaseline(world);
  },
);

test.for(CASES.filter(({ blind, stage }) => blind === true && stage.share === 100))(
  "$name at 100 % holds and pages, because going back blindly could be worse; an abort ends 31",
  async ({ knobs, stage }) => {
    const world = await worldForTest();
    const start = world.start("fast.yaml", ["--set", "blind=2s"]);
    await untilShare(world, stage.share);
    await world.knobs(knobs);
    await eventually(
      () => Promise.resolve(start.stdout() + start.stderr()),
      (text) => /blind at 100/iu.test(text),
    );
    expect((await world.state()).traffic.canary).toBe(100);
    const healed = world.healWhenBack();
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    await healed;
    expect((await start.exit).code).toBe(31);
    await expectBaseline(world);
  },
);

async function expectBaseline(world: World): Promise<void> {
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
}

test("a router that hangs is not waited for: the rollout ends, and never as rolled back while it is not", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  await world.knobs({ canary: { errorRate: 0.6 }, ignoreWrites: true });
  const abortLater = await Promise.race([
    start.exit,
    new Promise<null>((resolve) => setTimeout(resolve, 15_000, null)),
  ]);
  // Writes are answered as if taken, and are not: nothing may be called restored.
  expect(abortLater?.code ?? null).not.toBe(30);
  expect((await world.state()).traffic.canary).toBe(10);
  await world.knobs({ ignoreWrites: false, canary: { errorRate: 0 } });
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  expect((await world.state()).traffic).toEqual(BASELINE.traffic);
});
