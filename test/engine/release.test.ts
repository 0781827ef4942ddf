import { expect, test } from "vitest";

import type { Action } from "../../src/core/plan.ts";
import type { PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals } from "../support/engine-world.ts";

/** Two things are shifted, and handed back after the last stage. */
function planThatReleases(): PlanSource {
  const source = quickPlan();
  const [first] = source.plan.stages;
  const shift = first?.actions.find(({ role }) => role === "traffic");
  if (first === undefined || shift === undefined) throw new Error("no stage that shifts");
  const stable: Action = { ...shift, id: "pilot/stable", input: { key: "stable", value: 90 } };
  const release: Action = { ...shift, id: "finish/release", role: "release", share: null };
  const stages = [{ ...first, actions: [...first.actions, stable] }];
  return { ...source, plan: { ...source.plan, stages, finish: [release] } };
}

test("what is released goes back at once, also where one side waits for the other", async () => {
  const world = engineWorld();
  world.values.set("stable", { present: true, value: 100 });
  const stableIsBack = Promise.withResolvers<null>();
  world.onWrite = async ({ field: { key }, value }) => {
    const isBack = value.present && (value.value === 0 || value.value === 100);
    if (!isBack) return null;
    if (key === "stable") stableIsBack.resolve(null);
    // As a driver that lets the canary shrink only when stable has grown.
    return key === "weight" ? await stableIsBack.promise : null;
  };
  const outcome = await startRollout(world.engine(), planThatReleases(), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: () => Promise.resolve(),
  });
  expect(outcome).toMatchObject({ end: { kind: "promoted" }, exit: 0 });
  expect(world.values.get("weight")).toEqual({ present: true, value: 0 });
  expect(world.values.get("stable")).toEqual({ present: true, value: 100 });
  expect(world.values.get("image")).toEqual({ present: true, value: "v2" });
});
