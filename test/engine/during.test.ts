import { expect, test } from "vitest";

import type { Action } from "../../src/core/plan.ts";
import type { PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals } from "../support/engine-world.ts";

/** The quick plan with `log` on for its whole length, as the loader writes `during`. */
function planWithDuring(): PlanSource {
  const source = quickPlan(50);
  const [pilot, ...rest] = source.plan.stages;
  const [image] = pilot?.actions ?? [];
  if (pilot === undefined || image === undefined) throw new Error("the quick plan has no stage");
  const begin: Action = {
    ...image,
    id: "during/1-put",
    title: "log = debug",
    input: { key: "log", value: "debug" },
  };
  const end: Action = { ...begin, id: "during/1-put/end", role: "release", releases: begin.id };
  return {
    ...source,
    plan: {
      ...source.plan,
      stages: [{ ...pilot, actions: [begin, ...pilot.actions] }, ...rest],
      finish: [end],
    },
  };
}

const options = {
  signals: testSignals(),
  acceptLive: false,
  onRollout: () => Promise.resolve(),
};

test("a promotion takes back what was on during the rollout, and nothing else", async () => {
  const world = engineWorld();
  world.values.set("log", { present: true, value: "info" });
  const outcome = await startRollout(world.engine(), planWithDuring(), options);
  expect(outcome).toMatchObject({ end: { kind: "promoted" }, exit: 0 });
  expect(world.values.get("log")).toEqual({ present: true, value: "info" });
  expect(world.values.get("image")).toEqual({ present: true, value: "v2" });
  expect(world.values.get("weight")).toEqual({ present: true, value: 100 });
  expect(world.writes.map(({ key, value }) => [key, value.present && value.value])).toEqual([
    ["log", "debug"],
    ["image", "v2"],
    ["weight", 10],
    ["weight", 100],
    ["log", "info"],
  ]);
});

test("a rollback takes it back too, traffic first; what was absent is absent again", async () => {
  const world = engineWorld();
  world.values.set("log", { present: false });
  world.metric = () => (JSON.stringify(world.values.get("weight")).includes("10") ? 50 : 0);
  const outcome = await startRollout(world.engine(), planWithDuring(), options);
  expect(outcome).toMatchObject({ end: { kind: "rolled-back" }, exit: 30 });
  expect(world.values.get("log")).toEqual({ present: false });
  expect(world.values.get("image")).toEqual({ present: true, value: "v1" });
  const back = world.writes.slice(3).map(({ key }) => key);
  expect(back[0]).toBe("weight");
  expect(back).toContain("log");
});

test("a promotion whose taking back fails is no promotion: everything goes back", async () => {
  const world = engineWorld();
  world.values.set("log", { present: true, value: "info" });
  let refused = 0;
  world.onWrite = ({ field, value }) => {
    const ends = field.key === "log" && value.present && value.value === "info";
    if (!ends || refused > 0) return Promise.resolve(null);
    refused += 1;
    return Promise.resolve({ kind: "failed", why: "not now" });
  };
  const outcome = await startRollout(world.engine(), planWithDuring(), options);
  expect(outcome).toMatchObject({ end: { kind: "rolled-back" }, exit: 30 });
  expect(world.values.get("log")).toEqual({ present: true, value: "info" });
  expect(world.values.get("weight")).toEqual({ present: true, value: 0 });
});
