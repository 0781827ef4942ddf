import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { abortFromBundle } from "../../src/engine/abort-bundle.ts";
import { reapRollout } from "../../src/engine/reap-rollout.ts";
import {
  after,
  calling,
  cutFrom,
  flagged,
  is,
  left,
  live,
  putOf,
  slowAtLast,
  take,
  told,
  whyOf,
  withDriver,
} from "../support/cut-journal.ts";
import { engineWorld, testSignals } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

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

test.each([
  ["no lines are lost", null, []],
  ["lines are lost", '"action":"pilot/traffic"', ["pilot/traffic"]],
])(
  "what cannot be read where %s is not proven: 41 names it, and the abort after it is 31",
  async (_, from, begun) => {
    const { world, source } = flagged();
    const id = await left(world, source);
    if (from !== null) cutFrom(world, id, from);
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
    // That it may have been begun is no reason to treat it so.
    expect(told(world, "searched")[0]?.event.actions).toEqual(begun);
    expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
    expect((await take(after(world), id)).exit).toBe(31);
  },
);

test("a call leaves nothing to read, nor does what sets nothing new: where lines are lost, its undo runs with those of its neighbours", async () => {
  const { world, source, calls, driver } = calling();
  const [pilot, all] = source.plan.stages;
  const [flag, ...rest] = all?.actions ?? [];
  const image = pilot?.actions[0];
  if (pilot === undefined || all === undefined || flag === undefined || image === undefined)
    throw new Error("no stages");
  const again = { ...all, actions: [flag, { ...image, id: "all/image" }, ...rest] };
  const plan = slowAtLast({ ...source.plan, stages: [pilot, again] });
  const engine = { ...world, engine: () => withDriver(after(world), driver) };
  const id = await left(engine, { ...source, plan }, 2);
  expect(calls).toEqual(["pilot", "all"]);
  cutFrom(world, id, '"action":"all/flag"');
  world.values.set("weight", is(10));
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
  const resumed = take(after(world, true), id, "continue");
  const holds = await eventually(
    () => Promise.resolve(told(world, "held").filter(({ epoch }) => epoch === 2)),
    (each) => each.length > 0,
  );
  const [hold] = holds;
  expect(hold?.event.hold).toMatchObject({ kind: "unknown", clears: "person" });
  expect(hold?.event.hold.why).toContain('flag is "on", and no line of it says so');
  expect(hold?.event.hold.why).toContain("weight is 100, and no line of it says so");
  expect(world.writes.length).toBe(before);
  const outcome = await take(after(world, true), id);
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

test("a resume runs no call again that lines which are lost may have named: it holds first", async () => {
  const { world, source, calls, driver } = calling();
  const engine = { ...world, engine: () => withDriver(after(world, true), driver) };
  const id = await left(engine, { ...source, plan: slowAtLast(source.plan) }, 2);
  const seq = world.entries.at(-1)?.seq ?? 0;
  cutFrom(world, id, '"action":"all/call"');
  world.values.set("weight", is(10));
  const signedHeads = () => Promise.resolve([{ epoch: 1, seq }]);
  const resumed = take({ ...engine.engine(), signedHeads }, id, "continue");
  const holds = await eventually(
    () => Promise.resolve(told(world, "held").filter(({ epoch }) => epoch === 2)),
    (each) => each.length > 0,
  );
  expect(holds[0]?.event.hold.why).toContain("lines of it that were counted once are gone");
  expect(calls).toEqual(["pilot", "all"]);
  await take(engine.engine(), id);
  expect((await resumed).exit).toBe(31);
  expect(calls.filter((call) => call === "all")).toHaveLength(1);
});

test("abort from a bundle brings back what a cut journal does not name", async () => {
  const world = engineWorld();
  const id = await left(world);
  cutFrom(world, id, '"action":"pilot/traffic"');
  const outcome = await abortFromBundle(after(world), join(world.evidence, id, "rollback.json"), {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  expect(outcome.exit, whyOf(outcome)).toBe(31);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
});

test.each([
  ["another rollout", "another", 31],
  ["this rollout", null, 40],
])("the mark of %s says whose a value is that no line names", async (_, by, exit) => {
  const { world, source } = flagged();
  const id = await left(world, source);
  world.values.set("flag", is(by === null ? "theirs" : "on"));
  const put = putOf(after(world));
  const marked = withDriver(after(world), {
    read: async (fields, context) => {
      const answer = await put.read(fields, context);
      const mark = { rollout: by ?? id, epoch: 1 };
      if (answer.kind !== "ok") return answer;
      const value = answer.value.map((one) => (one.field.key === "flag" ? { ...one, mark } : one));
      return { kind: "ok", value };
    },
  });
  const before = live(world, "flag");
  const outcome = await take(marked, id);
  expect(outcome.exit, whyOf(outcome)).toBe(exit);
  expect(live(world, "flag")).toBe(before);
  expect(whyOf(outcome)).toContain(exit === 40 ? "flag: foreign" : "");
});
