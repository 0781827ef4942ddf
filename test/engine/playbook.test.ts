import { expect, test } from "vitest";

import type { Action, Plan } from "../../src/core/plan.ts";
import type { Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** The quick plan with a playbook that writes these values. */
function planWith(values: Readonly<Record<string, string>>, driver = "put", soak = 60_000): Plan {
  const { plan } = quickPlan(soak);
  const [first] = plan.stages[0]?.actions ?? [];
  if (first === undefined) throw new Error("the quick plan has no action");
  const actions = Object.entries(values).map(([key, value], index): Action => {
    const id = `playbook/calm/${index + 1}-put`;
    return { ...first, id, title: `${key} = ${value}`, driver, input: { key, value } };
  });
  const calm = { name: "calm", diagnose: [], causes: [], recover: [], actions, asks: [] };
  return { ...plan, playbooks: { calm } };
}

interface Started {
  readonly outcome: Promise<Outcome>;
  readonly id: string;
  readonly signals: ReturnType<typeof testSignals>;
}

async function start(world: EngineWorld, plan: Plan): Promise<Started> {
  const signals = testSignals();
  const { promise: id, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(
    world.engine(),
    { ...quickPlan(), plan },
    {
      signals,
      acceptLive: false,
      onRollout: (rollout) => Promise.resolve(resolve(rollout)),
    },
  );
  return { outcome, id: await id, signals };
}

const value = (world: EngineWorld, key: string): unknown => {
  const live = world.values.get(key);
  return live?.present === true ? live.value : undefined;
};
const until = (done: () => boolean): Promise<boolean> =>
  eventually(() => Promise.resolve(done()), Boolean);
const happened = (world: EngineWorld, kind: string): boolean =>
  world.entries.some(({ event }) => event.kind === kind);

async function run(world: EngineWorld, rollout: string): Promise<void> {
  const word = { kind: "playbook", by: "ana", reason: "", check: "calm", yes: true };
  await world.store.post(rollout, JSON.stringify({ ...word, stage: null, hold: null }));
  await until(() => happened(world, "playbook-finished") || happened(world, "word-refused"));
}

test("its values are captured at the start, written by the runner, and taken back with the rollout", async () => {
  const world = engineWorld();
  world.values.set("mode", { present: true, value: "all" });
  const started = await start(world, planWith({ mode: "canary-only", image: "v3", extra: "new" }));
  await until(() => value(world, "weight") === 10);
  expect(value(world, "mode")).toBe("all");
  await run(world, started.id);
  expect([value(world, "mode"), value(world, "image"), value(world, "extra")]).toEqual([
    "canary-only",
    "v3",
    "new",
  ]);
  started.signals.send("SIGTERM");
  expect(await started.outcome).toMatchObject({ exit: 31 });
  expect([value(world, "mode"), value(world, "image"), value(world, "weight")]).toEqual([
    "all",
    "v1",
    0,
  ]);
  // What was absent is absent again.
  expect(value(world, "extra")).toBeUndefined();
});

test("a rollout that goes on after it finds what the playbook set, and not a difference", async () => {
  const world = engineWorld();
  const started = await start(world, planWith({ mode: "canary-only", image: "v3" }, "put", 1500));
  await until(() => value(world, "weight") === 10);
  await run(world, started.id);
  expect(await started.outcome).toMatchObject({ exit: 0, end: { kind: "promoted" } });
  expect([value(world, "mode"), value(world, "image")]).toEqual(["canary-only", "v3"]);
});

test("an abort from another process takes them back too, also when the runner is gone", async () => {
  const world = engineWorld();
  const started = await start(world, planWith({ mode: "canary-only" }));
  await until(() => value(world, "weight") === 10);
  await run(world, started.id);
  expect(value(world, "mode")).toBe("canary-only");
  const aborted = await takeOver(world.engine(), started.id, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  expect(aborted).toMatchObject({ exit: 31 });
  expect(value(world, "mode")).toBeUndefined();
  await started.outcome;
});

test("a value that is changed behind its back is foreign, like any other", async () => {
  const world = engineWorld();
  const started = await start(world, planWith({ mode: "canary-only" }));
  await until(() => value(world, "weight") === 10);
  await run(world, started.id);
  world.values.set("mode", { present: true, value: "mine" });
  started.signals.send("SIGTERM");
  expect(await started.outcome).toMatchObject({ exit: 40 });
  expect(value(world, "mode")).toBe("mine");
  expect(value(world, "weight")).toBe(0);
});

test("it may go back to what was there before: that keeps no rollout from starting", async () => {
  const world = engineWorld();
  const engine = world.engine();
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no action driver");
  const actions = new Map([
    ["put", put],
    ["set-image", { ...put, kind: "set-image" }],
  ]);
  const signals = testSignals();
  const outcome = startRollout(
    { ...engine, catalog: { ...engine.catalog, actions } },
    { ...quickPlan(), plan: planWith({ image: "v1" }, "set-image") },
    { signals, acceptLive: false, onRollout: () => Promise.resolve() },
  );
  await Promise.race([outcome, until(() => value(world, "weight") === 10)]);
  expect(value(world, "weight")).toBe(10);
  signals.send("SIGTERM");
  expect(await outcome).toMatchObject({ exit: 31 });
});

test("one whose action fails holds the rollout, which then goes back as usual", async () => {
  const world = engineWorld();
  world.onWrite = (change) =>
    Promise.resolve(
      change.field.key === "mode" && change.value.present
        ? { kind: "failed", why: "the server said no" }
        : null,
    );
  const started = await start(world, planWith({ mode: "canary-only", image: "v3" }));
  await until(() => value(world, "weight") === 10);
  await run(world, started.id);
  await until(() => happened(world, "held"));
  expect(value(world, "image")).toBe("v2");
  started.signals.send("SIGTERM");
  expect(await started.outcome).toMatchObject({ exit: 31 });
  expect(value(world, "image")).toBe("v1");
});
