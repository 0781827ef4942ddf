import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Engine, Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver, type TakeOverRequest } from "../../src/engine/take-over.ts";
import { digestPlan } from "../../src/plan/digest.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

interface Left {
  readonly world: EngineWorld;
  readonly id: string;
  readonly plan: string;
  readonly bundle: string;
}

/** A rollout that waits at 10 %, under the real hash of its plan. */
async function underWay(): Promise<Left> {
  const world = engineWorld();
  const source = quickPlan(60_000);
  const { promise, resolve } = Promise.withResolvers<string>();
  void startRollout(
    world.engine(),
    { ...source, digest: digestPlan(source.plan) },
    {
      signals: testSignals(),
      acceptLive: false,
      onRollout: (rollout) => Promise.resolve(resolve(rollout)),
    },
  );
  const id = await promise;
  await eventually(() => Promise.resolve(live(world, "weight") === 10), Boolean);
  const folder = join(world.evidence, id);
  return { world, id, plan: join(folder, "plan.json"), bundle: join(folder, "rollback.json") };
}

async function take(
  engine: Engine,
  id: string,
  mode: TakeOverRequest["mode"] = "rollback",
): Promise<{ readonly outcome: Outcome; readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const outcome = await takeOver(engine, id, {
    mode,
    cause: mode === "rollback" ? { kind: "abort", text: "enough", by: "tester" } : null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
    tell: (what) => heard.push(what),
  });
  return { outcome, heard };
}

function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

/** A plan whose traffic is no traffic any more, and that goes back by something else. */
const bend = (text: string): string => text.replaceAll('"role": "traffic"', '"role": "release"');

test("an abort goes by the plan that was started, where plan.json was changed since, and says so", async () => {
  const { world, id, plan } = await underWay();
  edit(plan, bend);
  const changed = readFileSync(plan, "utf8");
  const { outcome, heard } = await take(world.engine(), id);
  expect(outcome.exit).toBe(31);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect(heard).toEqual([
    "plan.json was changed since the start: the copy in the rollback bundle stands in",
  ]);
  expect(readFileSync(plan, "utf8"), "it is evidence of the change").toBe(changed);
});

test("an abort takes the second copy of this machine, where the bundle and the plan in it were changed too", async () => {
  const { world, id, plan, bundle } = await underWay();
  const kept = readFileSync(bundle, "utf8");
  edit(plan, bend);
  edit(bundle, (text) =>
    bend(text).replace(/"baseline": \{[^}]*\}/u, '"baseline": { "present": true, "value": 7 }'),
  );
  const records = {
    keepBundle: () => Promise.resolve(),
    dropBundle: () => Promise.resolve(),
    hasBundle: () => Promise.resolve(true),
    keptBundle: () => Promise.resolve(kept),
    placesOf: () => Promise.resolve([]),
  };
  const { outcome, heard } = await take({ ...world.engine(), records }, id);
  expect(outcome.exit).toBe(31);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect(heard).toHaveLength(2);
});

test("a changed plan of which no copy is left is not run on; an abort still goes by what there is", async () => {
  const { world, id, plan, bundle } = await underWay();
  edit(plan, (text) => text.replace('"name": "quick"', '"name": "other"'));
  rmSync(bundle);
  const resumed = await take(world.engine(), id, "continue");
  expect(resumed.outcome).toEqual({ kind: "plan-changed", rollout: id, exit: 22 });
  expect(resumed.heard[0]).toContain("no intact copy");
  const { outcome } = await take(world.engine(), id);
  expect(outcome.exit).toBe(40);
  expect(live(world, "weight")).toBe(0);
});

test("nothing is said of evidence that is what the rollout wrote", async () => {
  const { world, id } = await underWay();
  const { outcome, heard } = await take(world.engine(), id);
  expect([outcome.exit, heard]).toEqual([31, []]);
});
