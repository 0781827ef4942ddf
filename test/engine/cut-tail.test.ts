import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { FieldValue } from "../../src/core/field.ts";
import type { Action, Plan } from "../../src/core/plan.ts";
import type { ActionDriver } from "../../src/drivers/driver.ts";
import type { Engine, JournalEntry, Outcome, PlanSource } from "../../src/engine/ports.ts";
import { reapRollout } from "../../src/engine/reap-rollout.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** A rollout whose runner died in a soak; `at` says in which, by the number of soaks that began. */
async function left(
  world: EngineWorld,
  source: PlanSource = quickPlan(60_000),
  at = 1,
): Promise<string> {
  const signals = testSignals();
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(world.engine(), source, {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  const soaks = (): number => told(world, "soak-started").length;
  await eventually(
    () => Promise.resolve(soaks()),
    (n) => n >= at,
  );
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGKILL");
  signals.send("SIGKILL");
  expect((await outcome).kind).toBe("left");
  world.onWrite = () => Promise.resolve(null);
  return id;
}

function told<K extends JournalEntry["event"]["kind"]>(world: EngineWorld, kind: K) {
  return world.entries.flatMap(({ epoch, event }) =>
    event.kind === kind
      ? [{ epoch, event: event as Extract<JournalEntry["event"], { kind: K }> }]
      : [],
  );
}

/** Takes the line with this text, and all behind it, off a journal: it reads as a shorter one. */
function cutFrom(world: EngineWorld, id: string, text: string, epoch = 1): void {
  const path = join(world.evidence, id, `journal.${epoch}.ndjson`);
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(text));
  expect(at).toBeGreaterThan(0);
  writeFileSync(path, `${lines.slice(0, at).join("\n")}\n`);
}

/** The engine of somebody on the machine where the runner died. */
function after(world: EngineWorld): Engine {
  const gone = { isHere: () => true, isAlive: () => false, end: () => Promise.resolve(true) };
  const engine = world.engine();
  return { ...engine, processes: { ...engine.processes, ...gone } };
}

function take(
  engine: Engine,
  rollout: string,
  mode: "rollback" | "continue" = "rollback",
  signals = testSignals(),
): Promise<Outcome> {
  const cause = { kind: "abort", text: "enough", by: "tester" } as const;
  return takeOver(engine, rollout, {
    mode,
    cause: mode === "rollback" ? cause : null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals,
  });
}

function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

function whyOf(outcome: Outcome): string {
  return outcome.kind === "ended" && outcome.end.kind === "rollback-failed" ? outcome.end.why : "";
}

const is = (value: string | number): FieldValue => ({ present: true, value });

/** The engine with its one driver changed. */
function withDriver(engine: Engine, change: Partial<ActionDriver<unknown>>): Engine {
  const put = putOf(engine);
  return {
    ...engine,
    catalog: { ...engine.catalog, actions: new Map([["put", { ...put, ...change }]]) },
  };
}

function putOf(engine: Engine): ActionDriver<unknown> {
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  return put;
}

/** The plan of `quickPlan`, whose second stage first turns a flag on; and a world that has it off. */
function flagged(soak = 60_000): { readonly world: EngineWorld; readonly source: PlanSource } {
  const world = engineWorld();
  world.values.set("flag", is("off"));
  const source = quickPlan(soak);
  const [pilot, all] = source.plan.stages;
  const image = pilot?.actions[0];
  if (pilot === undefined || all === undefined || image === undefined) throw new Error("no stages");
  const flag = { ...image, id: "all/flag", title: "flag", input: { key: "flag", value: "on" } };
  const stages = [pilot, { ...all, actions: [flag, ...all.actions] }];
  return { world, source: { ...source, plan: { ...source.plan, stages } } };
}

/** The same, with a call before the traffic of each stage; `calls` has what was called. */
function calling(): {
  readonly world: EngineWorld;
  readonly source: PlanSource;
  readonly calls: string[];
  readonly driver: Partial<ActionDriver<unknown>>;
} {
  const { world, source } = flagged(200);
  const calls: string[] = [];
  const stages = source.plan.stages.map((stage) => {
    const [first, ...rest] = stage.actions;
    if (first === undefined) throw new Error("no action");
    const called = { ...first, input: { key: "call", value: stage.name } };
    const undo: Action = {
      ...called,
      id: `${stage.name}/undo`,
      input: { key: "call", value: `undo ${stage.name}` },
    };
    const call: Action = { ...called, id: `${stage.name}/call`, title: `call ${stage.name}`, undo };
    return { ...stage, actions: [first, call, ...rest] };
  });
  const inputOf = (input: unknown) => input as { readonly key: string; readonly value: string };
  return {
    world,
    calls,
    source: { ...source, plan: { ...source.plan, stages } },
    driver: {
      style: (input) => (inputOf(input).key === "call" ? "call" : "fields"),
      call: ({ input }) => {
        calls.push(inputOf(input).value);
        return Promise.resolve({ kind: "ok", value: { body: null } });
      },
    },
  };
}

test.each([
  ["its traffic", '"action":"pilot/traffic"'],
  ["its first change", '"action":"pilot/image"'],
  ["what was captured", '"kind":"baseline-captured"'],
])("a journal cut before %s: 31, and all of it is back", async (_, from) => {
  const world = engineWorld();
  const id = await left(world);
  cutFrom(world, id, from);
  const outcome = await take(after(world), id);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  const [searched] = told(world, "searched");
  expect(searched?.event.why).toContain("weight is 10, and no line of it says so");
  expect(searched?.event.actions).toContain("pilot/traffic");
});

test("a journal cut before a later stage: what that stage turned on is found and put back", async () => {
  const { world, source } = flagged(100);
  const id = await left(world, { ...source, plan: slowAtLast(source.plan) }, 2);
  expect(live(world, "flag")).toBe("on");
  cutFrom(world, id, '"action":"all/flag"');
  const outcome = await take(after(world), id);
  expect([live(world, "weight"), live(world, "image"), live(world, "flag")]).toEqual([
    0,
    "v1",
    "off",
  ]);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
});

function slowAtLast(plan: Plan): Plan {
  const last = plan.stages.length - 1;
  const stages = plan.stages.map((each, at) =>
    at === last ? { ...each, soak: 60_000, within: 600_000 } : each,
  );
  return { ...plan, stages };
}

test("what was never set is read and not written, and nothing is made of somebody else's value there", async () => {
  const { world, source } = flagged();
  const id = await left(world, source);
  world.values.set("flag", is("theirs"));
  const outcome = await take(after(world), id);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect(live(world, "flag")).toBe("theirs");
  expect(world.writes.filter(({ key }) => key === "flag")).toEqual([]);
  expect(told(world, "searched")[0]?.event).toMatchObject({ actions: [], why: "", left: [] });
});

test("a value of somebody else where lines are lost is left alone, named, and 40", async () => {
  const world = engineWorld();
  const id = await left(world);
  cutFrom(world, id, '"action":"pilot/image"');
  world.values.set("image", is("theirs"));
  const outcome = await take(after(world), id);
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect(whyOf(outcome)).toContain("image: foreign");
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "theirs"]);
});

test("what cannot be read is not proven: 41 names it, and the abort after it is 31", async () => {
  const { world, source } = flagged();
  const id = await left(world, source);
  const put = putOf(after(world));
  const blind = withDriver(after(world), {
    read: (fields, context) =>
      fields.some(({ key }) => key === "flag")
        ? Promise.resolve({ kind: "failed", why: "no route to host" })
        : put.read(fields, context),
  });
  const outcome = await take(blind, id);
  expect(outcome.exit).toBe(41);
  expect(whyOf(outcome)).toContain("flag: unknown (could not be read");
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect((await take(after(world), id)).exit).toBe(31);
});

test("a call leaves nothing to read: where lines are lost, its undo runs with those of its neighbours", async () => {
  const { world, source, calls, driver } = calling();
  const engine = { ...world, engine: () => withDriver(after(world), driver) };
  const id = await left(engine, { ...source, plan: slowAtLast(source.plan) }, 2);
  expect(calls).toEqual(["pilot", "all"]);
  cutFrom(world, id, '"action":"all/flag"');
  const outcome = await take(engine.engine(), id);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect(calls).toContain("undo all");
  expect([live(world, "weight"), live(world, "flag")]).toEqual([0, "off"]);
});

test("a call behind the last line is undone where a signed head knows of more lines, and left alone where none does", async () => {
  const { world, source, calls, driver } = calling();
  const engine = { ...world, engine: () => withDriver(after(world), driver) };
  const id = await left(engine, source, 1);
  const seq = world.entries.at(-1)?.seq ?? 0;
  cutFrom(world, id, '"action":"pilot/call"');
  world.values.set("weight", is(0));
  const path = join(world.evidence, id, "journal.1.ndjson");
  const text = readFileSync(path, "utf8");
  const plain = await take(engine.engine(), id);
  expect(plain.exit, whyOf(plain)).toBe(31);
  expect(calls).toEqual(["pilot"]);
  for (const epoch of [2, 3]) rmSync(join(world.evidence, id, `journal.${epoch}.ndjson`));
  writeFileSync(path, text);
  const signedHeads = () => Promise.resolve([{ epoch: 1, seq }]);
  const heard = await take({ ...engine.engine(), signedHeads }, id);
  expect(heard.exit, whyOf(heard)).toBe(31);
  expect(calls).toEqual(["pilot", "undo pilot"]);
});

test("a journal that lost its last lines before somebody took over is known by the number of the next one's first", async () => {
  const { world, source, calls, driver } = calling();
  const engine = { ...world, engine: () => withDriver(after(world), driver) };
  const id = await left(engine, source, 1);
  world.onWrite = () => new Promise(() => undefined);
  const signals = testSignals();
  const dying = take(engine.engine(), id, "rollback", signals);
  await eventually(() => Promise.resolve(told(world, "undo-intended").length), Boolean);
  signals.send("SIGKILL");
  signals.send("SIGKILL");
  expect((await dying).kind).toBe("left");
  world.onWrite = () => Promise.resolve(null);
  cutFrom(world, id, '"action":"pilot/call"');
  world.values.set("weight", is(0));
  const outcome = await take(engine.engine(), id);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect(calls).toContain("undo pilot");
});

test("a resume over a cut tail begins nothing: it holds, and says what it met", async () => {
  const { world, source } = flagged(100);
  const id = await left(world, { ...source, plan: slowAtLast(source.plan) }, 2);
  cutFrom(world, id, '"kind":"stage-passed"');
  const before = world.writes.length;
  const resumed = take(after(world), id, "continue");
  const holds = await eventually(
    () => Promise.resolve(told(world, "held").filter(({ epoch }) => epoch === 2)),
    (each) => each.length > 0,
  );
  const [hold] = holds;
  expect(hold?.event.hold).toMatchObject({ kind: "unknown", clears: "person" });
  expect(hold?.event.hold.why).toContain('flag is "on", and no line of it says so');
  expect(hold?.event.hold.why).toContain("weight is 100, and no line of it says so");
  expect(world.writes.length).toBe(before);
  const outcome = await take(after(world), id);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect((await resumed).exit).toBe(31);
  expect([live(world, "weight"), live(world, "image"), live(world, "flag")]).toEqual([
    0,
    "v1",
    "off",
  ]);
});

test("a resume by whose journal nothing was captured never takes what is there now for the baseline", async () => {
  const world = engineWorld();
  const id = await left(world);
  const bundle = readFileSync(join(world.evidence, id, "rollback.json"), "utf8");
  cutFrom(world, id, '"kind":"baseline-captured"');
  const outcome = await take(after(world), id, "continue");
  expect(outcome.exit, whyOf(outcome)).toBe(30);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect(readFileSync(join(world.evidence, id, "rollback.json"), "utf8")).toBe(bundle);
});

test("with the bundle gone too, the second copy of this machine says what was there", async () => {
  const world = engineWorld();
  const id = await left(world);
  cutFrom(world, id, '"kind":"baseline-captured"');
  const path = join(world.evidence, id, "rollback.json");
  const kept = readFileSync(path, "utf8");
  rmSync(path);
  const records = {
    keepBundle: () => Promise.resolve(),
    dropBundle: () => Promise.resolve(),
    hasBundle: () => Promise.resolve(true),
    keptBundle: () => Promise.resolve(kept),
    placesOf: () => Promise.resolve([]),
  };
  const outcome = await take({ ...after(world), records }, id);
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
});

test("reap brings back what a cut journal does not name", async () => {
  const world = engineWorld();
  const id = await left(world);
  cutFrom(world, id, '"action":"pilot/traffic"');
  const reaped = await reapRollout(after(world), id, { signals: testSignals() });
  expect(reaped).toMatchObject({ kind: "taken", outcome: { exit: 30 } });
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
});
