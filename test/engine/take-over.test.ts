import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Outcome, PlanSource } from "../../src/engine/ports.ts";
import { readRollout } from "../../src/engine/read-rollout.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

interface Started {
  readonly outcome: Promise<Outcome>;
  readonly id: Promise<string>;
  readonly signals: ReturnType<typeof testSignals>;
}

function start(world: EngineWorld, source: PlanSource, acceptLive = false): Started {
  const signals = testSignals();
  const { promise: id, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(world.engine(), source, {
    signals,
    acceptLive,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  return { outcome, id, signals };
}

function abort(world: EngineWorld, rollout: string, options: object = {}): Promise<Outcome> {
  return takeOver(world.engine(), rollout, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
    ...options,
  });
}

const until = (done: () => boolean): Promise<boolean> =>
  eventually(() => Promise.resolve(done()), Boolean);

const value = (world: EngineWorld, key: string): unknown => {
  const live = world.values.get(key);
  return live?.present === true ? live.value : undefined;
};

function expectBaseline(world: EngineWorld): void {
  expect([value(world, "weight"), value(world, "image")]).toEqual([0, "v1"]);
}

test("a healthy start is promoted, and its journal replays to that", async () => {
  const world = engineWorld();
  const { outcome, id } = start(world, quickPlan());
  expect(await outcome).toMatchObject({ kind: "ended", end: { kind: "promoted" }, exit: 0 });
  expect([value(world, "weight"), value(world, "image")]).toEqual([100, "v2"]);
  const read = await readRollout(world.store, world.evidence, await id);
  expect(read).toMatchObject({ state: { phase: { kind: "ended", end: { kind: "promoted" } } } });
  expect(read).toMatchObject({ problems: [] });
});

test("an abort from another process: both end 31 and the baseline is back", async () => {
  const world = engineWorld();
  const { outcome, id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  const aborted = await abort(world, await id);
  expect(aborted).toMatchObject({ end: { kind: "rolled-back", by: "abort" }, exit: 31 });
  expect(await outcome).toMatchObject({ kind: "ended", exit: 31 });
  expectBaseline(world);
});

test("three aborts at once: all end 31", async () => {
  const world = engineWorld();
  const { outcome, id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  const rollout = await id;
  const ends = await Promise.all([1, 2, 3].map(() => abort(world, rollout)));
  expect(ends.map(({ exit }) => exit)).toEqual([31, 31, 31]);
  expect((await outcome).exit).toBe(31);
  expectBaseline(world);
});

test("an abort while a write hangs: nothing lands after, or it is not called certain", async () => {
  const world = engineWorld();
  const hung: (() => void)[] = [];
  world.onWrite = (change, context) => {
    if (context.epoch > 1 || change.field.key !== "weight") return Promise.resolve(null);
    // The target takes the write after the one who asked for it has gone.
    return new Promise((resolve) => hung.push(() => resolve(null)));
  };
  const { outcome, id } = start(world, quickPlan(60_000));
  await until(() => hung.length > 0);
  const aborting = abort(world, await id);
  await until(() => world.writes.some(({ epoch }) => epoch > 1));
  for (const land of hung) land();
  const aborted = await aborting;
  // The hung call lives in this very process: neither a fence nor a death rules its write out.
  expect(aborted).toMatchObject({ exit: 41 });
  expectBaseline(world);
  expect((await outcome).exit).toBe(41);
});

test("the first signal rolls back and ends 31", async () => {
  const world = engineWorld();
  const { outcome, signals } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  signals.send("SIGINT");
  expect(await outcome).toMatchObject({ exit: 31 });
  expectBaseline(world);
});

test("the second signal leaves at once, and an abort later brings it back", async () => {
  const world = engineWorld();
  const { outcome, signals, id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGINT");
  signals.send("SIGINT");
  expect(await outcome).toMatchObject({ kind: "left", exit: 130 });
  world.onWrite = () => Promise.resolve(null);
  const aborted = await abort(world, await id);
  expect([31, 41]).toContain(aborted.exit);
  expectBaseline(world);
});

test("a trigger goes back and ends 30", async () => {
  const world = engineWorld();
  const { outcome } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  world.metric = () => 9;
  await until(() => value(world, "weight") === 0);
  world.metric = () => 0;
  expect(await outcome).toMatchObject({ end: { kind: "rolled-back", by: "machine" }, exit: 30 });
  expectBaseline(world);
});

test("a value that someone else changed is left alone and ends 40; --overwrite brings it back", async () => {
  const world = engineWorld();
  const { outcome, id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  world.values.set("image", { present: true, value: "hotfix" });
  const aborted = await abort(world, await id);
  expect(aborted).toMatchObject({ end: { kind: "rollback-failed", certain: true }, exit: 40 });
  expect(value(world, "image")).toBe("hotfix");
  expect(value(world, "weight")).toBe(0);
  expect((await outcome).exit).toBe(40);
  expect(await abort(world, await id, { overwrite: true })).toMatchObject({ exit: 31 });
  expectBaseline(world);
});

test("a bundle that was changed is not written back, and never called restored", async () => {
  const world = engineWorld();
  const { id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  const path = join(world.evidence, await id, "rollback.json");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll('"v1"', '"evil"'));
  const aborted = await abort(world, await id);
  expect(aborted).toMatchObject({ exit: 40 });
  expect(value(world, "image")).toBe("v2");
});

test("a bundle that is gone is never called restored", async () => {
  const world = engineWorld();
  const { id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  writeFileSync(join(world.evidence, await id, "rollback.json"), "not json");
  expect(await abort(world, await id)).toMatchObject({ exit: 40 });
});

test("a target held by another rollout refuses the start with 21, and touches nothing", async () => {
  const world = engineWorld();
  const first = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  const before = world.writes.length;
  const second = start(world, quickPlan(60_000));
  expect(await second.outcome).toMatchObject({ end: { kind: "refused" }, exit: 21 });
  expect(world.writes).toHaveLength(before);
  expect(await abort(world, await first.id)).toMatchObject({ exit: 31 });
});

test("a start over a rollout that is not back inherits where that one began", async () => {
  const world = engineWorld();
  const first = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  world.onWrite = (change) =>
    Promise.resolve(change.field.key === "image" ? { kind: "failed", why: "broken" } : null);
  const failing = takeOver(world.engine(), await first.id, {
    mode: "halt",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  expect(await failing).toMatchObject({ end: { kind: "halted" }, exit: 42 });
  world.onWrite = () => Promise.resolve(null);
  expect([value(world, "weight"), value(world, "image")]).toEqual([10, "v2"]);
  const second = start(world, quickPlan(60_000));
  await until(() => world.writes.some(({ rollout }) => rollout > ""));
  const id = await second.id;
  await until(() => world.writes.filter(({ rollout }) => rollout === id).length >= 2);
  expect(await abort(world, id)).toMatchObject({ exit: 31 });
  expectBaseline(world);
});

test("a start does not inherit a baseline that was changed in the bundle: it is refused, until a person accepts what is live", async () => {
  const world = engineWorld();
  const first = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  const id = await first.id;
  const halted = await takeOver(world.engine(), id, {
    mode: "halt",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  expect(halted).toMatchObject({ exit: 42 });
  const path = join(world.evidence, id, "rollback.json");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll('"v1"', '"v666"'));
  const refused = await start(world, quickPlan(50)).outcome;
  expect(refused).toMatchObject({ end: { kind: "refused" }, exit: 20 });
  expect(JSON.stringify(refused)).toContain("--accept-live");
  expect([value(world, "weight"), value(world, "image")]).toEqual([10, "v2"]);
  // By hand, as it says.
  world.values.set("image", { present: true, value: "v1" });
  world.values.set("weight", { present: true, value: 0 });
  expect(await start(world, quickPlan(50), true).outcome).toMatchObject({ exit: 0 });
});

test("an abort of a promoted rollout asks first, and then undoes it", async () => {
  const world = engineWorld();
  const { outcome, id } = start(world, quickPlan());
  expect((await outcome).exit).toBe(0);
  const before = world.writes.length;
  expect(await abort(world, await id)).toMatchObject({ kind: "needs-consent", exit: 2 });
  expect(world.writes).toHaveLength(before);
  expect(await abort(world, await id, { afterPromoted: true })).toMatchObject({ exit: 31 });
  expectBaseline(world);
});

test("an abort of a promoted rollout is refused once a later one has changed its targets", async () => {
  const world = engineWorld();
  const first = start(world, quickPlan());
  expect((await first.outcome).exit).toBe(0);
  world.values.set("weight", { present: true, value: 0 });
  world.values.set("image", { present: true, value: "v1" });
  const second = start(world, quickPlan());
  expect((await second.outcome).exit).toBe(0);
  expect(await abort(world, await first.id, { afterPromoted: true })).toMatchObject({
    kind: "locked",
    exit: 21,
    holder: await second.id,
  });
});

test("an abort of a rolled-back rollout writes nothing and says what differs", async () => {
  const world = engineWorld();
  const { id } = start(world, quickPlan(60_000));
  await until(() => value(world, "weight") === 10);
  await abort(world, await id);
  const before = world.writes.length;
  world.values.set("image", { present: true, value: "v7" });
  const again = await abort(world, await id);
  expect(again).toMatchObject({ kind: "over", exit: 31 });
  expect(again.kind === "over" ? again.differences : []).toMatchObject([
    { label: "image", expected: '"v1"', live: '"v7"' },
  ]);
  expect(world.writes).toHaveLength(before);
});

test("a journal that cannot be written goes back; the end says what is known", async () => {
  const world = engineWorld();
  const store = { ...world.store };
  let full = false;
  const engine = world.engine({
    ...store,
    append: (...args) =>
      full ? Promise.reject(new Error("ENOSPC: no space left")) : store.append(...args),
  });
  const outcome = startRollout(engine, quickPlan(60_000), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: () => Promise.resolve(),
  });
  await until(() => value(world, "weight") === 10);
  full = true;
  await until(() => value(world, "weight") === 0);
  full = false;
  expect(await outcome).toMatchObject({ end: { kind: "rolled-back", by: "machine" }, exit: 30 });
  expectBaseline(world);
  const read = await readRollout(
    world.store,
    world.evidence,
    ((await outcome) as { rollout: string }).rollout,
  );
  expect(read).toMatchObject({ problems: [] });
});

test("a takeover goes on with what a dead runner left", async () => {
  const world = engineWorld();
  const { outcome, signals, id } = start(world, quickPlan(200));
  await until(() => value(world, "weight") === 10);
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGINT");
  await until(() => world.entries.some(({ event }) => event.kind === "interrupted"));
  signals.send("SIGINT");
  await outcome;
  world.onWrite = () => Promise.resolve(null);
  // The first signal was journalled: from then on the rollout can only go back.
  const went = await takeOver(world.engine(), await id, {
    mode: "continue",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  expect(went.exit).not.toBe(0);
  expectBaseline(world);
});
