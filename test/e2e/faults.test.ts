import { expect, test } from "vitest";

import { BASELINE, untilShare, worldForTest } from "./support/world.ts";

/** What breaks, and how the rollout must end: by a trigger or a gate where it is seen, by `maxBlind` where nothing is. */
const FAULTS: readonly { readonly name: string; readonly knobs: unknown }[] = [
  { name: "error spike", knobs: { canary: { errorRate: 0.6 } } },
  { name: "latency spike", knobs: { canary: { latencyMs: 1500 } } },
  { name: "dead target", knobs: { deadTarget: true } },
  { name: "hanging metrics", knobs: { hangMetrics: true } },
  { name: "metrics with an error inside a 200", knobs: { lieMetrics: "error" } },
  { name: "metrics that are a page", knobs: { lieMetrics: "garbage" } },
  { name: "metrics that are empty", knobs: { lieMetrics: "empty" } },
  { name: "metrics that are NaN", knobs: { lieMetrics: "nan" } },
  { name: "metrics that stand still", knobs: { staleMetrics: true } },
  { name: "metrics that answer 503", knobs: { metricsStatus: 503 } },
];

const STAGES = [
  { name: "pilot", share: 10 },
  { name: "all", share: 100 },
] as const;

const CASES = FAULTS.flatMap((fault) => STAGES.map((stage) => ({ ...fault, stage })));

test.for(CASES)("$name in stage $stage.name rolls back with 30", async ({ knobs, stage }) => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--set", "blind=3s"]);
  await untilShare(world, stage.share);
  await world.knobs(knobs);
  // The world is healed once the values are back, so that the verification can see it.
  const healed = world.healWhenBack();
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  await healed;
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
});

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
