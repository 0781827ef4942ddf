import { setTimeout as pause } from "node:timers/promises";

import { expect, test } from "vitest";
import { z } from "zod";

import type { Trigger } from "../../src/core/plan.ts";
import type { Sample } from "../../src/core/sample.ts";
import type { MetricDriver } from "../../src/drivers/driver.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals } from "../support/engine-world.ts";
import { all, when } from "../support/plan-builder.ts";

/** Sources that count how many questions are with them at once; questions of one tick are asked at once. */
function countingSource(most: Map<string, number>): MetricDriver<unknown, unknown> {
  const open = new Map<string, number>();
  const sample = async (_query: unknown, window: number): Promise<Sample> => {
    const key = String(window);
    open.set(key, (open.get(key) ?? 0) + 1);
    most.set(key, Math.max(most.get(key) ?? 0, open.get(key) ?? 0));
    await pause(5);
    open.set(key, (open.get(key) ?? 0) - 1);
    return { kind: "value", value: 0, samples: null, observedAt: null };
  };
  return {
    type: "numbers",
    description: "",
    config: z.unknown(),
    query: z.unknown(),
    window: () => 0,
    unit: () => null,
    lint: () => [],
    open: () => ({ sample, close: () => undefined }),
  };
}

test("the same question by gates, triggers and parts of conditions is sent once a tick", async () => {
  const world = engineWorld();
  const most = new Map<string, number>();
  const engine = world.engine();
  const source = quickPlan();
  const triggers = [
    when("errors > 5"),
    when("errors > 3 for 5m"),
    all(["errors > 2", "errors < 4"]),
    // Another window is another question, which is asked beside it.
    when("errors over 5m > 5"),
    when("errors over 5m > 4"),
  ].map((condition, index): Trigger => {
    const id = `t${index}`;
    return { id, name: id, does: "rollback", condition };
  });
  const metrics = new Map([["numbers", countingSource(most)]]);
  const ended = await startRollout(
    { ...engine, catalog: { ...engine.catalog, metrics } },
    { ...source, plan: { ...source.plan, triggers } },
    { signals: testSignals(), acceptLive: false, onRollout: () => Promise.resolve() },
  );
  expect(ended).toMatchObject({ end: { kind: "promoted" } });
  expect(Object.fromEntries(most)).toEqual({ 0: 1, 300_000: 1 });
});
