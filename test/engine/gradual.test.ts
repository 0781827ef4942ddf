import { expect, test } from "vitest";

import type { Change, Field } from "../../src/core/field.ts";
import type { ActionDriver, Answer } from "../../src/drivers/driver.ts";
import type { Engine, PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";

/** A router with a weight for each version, out of 1000: what a share means only its driver knows. */
function withRouter(world: EngineWorld): Engine {
  const engine = world.engine();
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("no driver");
  const field = (key: string): Field => ({
    ...{ key, target: "router", driver: "put", connection: null, ref: null, label: key },
  });
  const weights = (share: number): readonly Change[] => [
    { field: field("weight"), value: { present: true, value: share * 10 } },
    { field: field("stable"), value: { present: true, value: 1000 - share * 10 } },
  ];
  const router: ActionDriver<unknown> = {
    ...put,
    changes: async (request, context): Promise<Answer<readonly Change[]>> =>
      request.share === null
        ? await put.changes(request, context)
        : { kind: "ok", value: weights(request.share) },
  };
  return { ...engine, catalog: { ...engine.catalog, actions: new Map([["put", router]]) } };
}

function gradualPlan(): PlanSource {
  const source = quickPlan(10_000);
  const [first] = source.plan.stages;
  if (first === undefined) throw new Error("no stage");
  const share = 90;
  const actions = first.actions.map((action) =>
    action.role === "traffic" ? { ...action, share } : action,
  );
  const rollback = { ...source.plan.rollback, gradual: { shares: [50, 20], every: 60 } };
  return {
    ...source,
    plan: { ...source.plan, rollback, stages: [{ ...first, share, actions, within: 200 }] },
  };
}

test("a gradual rollback sets every weight as a stage of that share would", async () => {
  const world = engineWorld();
  world.values.set("stable", { present: true, value: 1000 });
  // Red for the gate, and not for the trigger, which would make the way back instant.
  world.metric = () => (world.values.get("weight")?.present === true && weight(world) > 0 ? 3 : 0);
  const outcome = await startRollout(withRouter(world), gradualPlan(), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: () => Promise.resolve(),
  });
  expect(outcome).toMatchObject({ exit: 30 });
  const written = (key: string): unknown[] =>
    world.writes
      .filter((each) => each.key === key)
      .map(({ value }) => (value.present ? value.value : null));
  expect(written("weight")).toEqual([900, 500, 200, 0]);
  expect(written("stable")).toEqual([100, 500, 800, 1000]);
  expect(world.values.get("image")).toEqual({ present: true, value: "v1" });
});

function weight(world: EngineWorld): number {
  const live = world.values.get("weight");
  return live?.present === true && typeof live.value === "number" ? live.value : 0;
}
