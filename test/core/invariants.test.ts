import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { End } from "../../src/core/ending.ts";
import { replay } from "../../src/core/replay.ts";
import { invariants } from "./invariants.ts";
import { playHistory, type History, type Weather } from "./random-history.ts";
import { randomPlan } from "./random-plan.ts";

const RUNS = Number(process.env["CANARY_TEST_RUNS"] ?? 1500);
/** Shrinking a long history takes minutes, and its last steps mostly say enough. */
const SHRINKS = process.env["CANARY_TEST_SHRINKS"] === "1";
const SEED = Number(process.env["CANARY_TEST_SEED"] ?? 20_261);

const weather: fc.Arbitrary<Weather> = fc.constantFrom(
  { faults: 0, calamities: 0, turns: 0 },
  { faults: 2, calamities: 2, turns: 5 },
  { faults: 10, calamities: 10, turns: 10 },
  { faults: 30, calamities: 20, turns: 60 },
  { faults: 100, calamities: 40, turns: 30 },
);

const choices = fc.array(fc.nat(999_999), { maxLength: 700, size: "max" });

const histories: fc.Arbitrary<History> = fc
  .tuple(randomPlan, weather, choices)
  .map(([plan, rough, picks]) => playHistory(plan, rough, picks));

/** What a reader of a failure needs: the events, and the phases they led to. */
function told({ moments, truths }: History): string {
  const lines = moments.map(({ entry, after, step }, index) => {
    const started = step.start.map((effect) => `${effect.kind} ${effect.id}`).join(", ");
    return `${index} ${entry.epoch} ${entry.mono} ${JSON.stringify(entry.event)} → ${JSON.stringify(after.phase)} [${started}]`;
  });
  return [...lines, JSON.stringify(truths)].join("\n");
}

const ENDS = [
  "halted",
  "promoted",
  "refused",
  "refused: locked",
  "rollback failed: certain",
  "rollback failed: unknown",
  "rolled back: abort",
  "rolled back: machine",
];

function nameOf(end: End): string {
  switch (end.kind) {
    case "rolled-back":
      return `rolled back: ${end.by}`;
    case "rollback-failed":
      return `rollback failed: ${end.certain ? "certain" : "unknown"}`;
    case "refused":
      return end.locked ? "refused: locked" : "refused";
    case "promoted":
    case "halted":
      return end.kind;
  }
}

/** What rules are about: one that no history comes to would be kept by any machine. */
const MET = [
  ...["abort", "trigger", "gate", "check", "action", "blind", "lost"].map(
    (kind) => `cause ${kind}`,
  ),
  ...[
    "person",
    "trigger",
    "blind",
    "inconclusive",
    "waiting",
    "differs",
    "unknown",
    "evidence",
  ].map((kind) => `hold ${kind}`),
  ...["returning-side", "traffic", "rest", "again"].map((group) => `undo ${group}`),
  "a step down",
  "an interrupted apply",
  "a playbook",
  "evidence that proves worse",
  "evidence that proves no worse",
];

function metIn({ moments }: History): ReadonlySet<string> {
  const met = new Set<string>();
  for (const { after, step } of moments) {
    if (after.cause !== null) met.add(`cause ${after.cause.kind}`);
    if (after.hold !== null) met.add(`hold ${after.hold.kind}`);
    if (after.playbook !== null) met.add("a playbook");
    if (step.interrupt.length > 0) met.add("an interrupted apply");
    for (const effect of step.start)
      if (effect.kind === "undo") {
        met.add(`undo ${effect.group}`);
        if (effect.share !== null) met.add("a step down");
      }
    for (const claim of Object.values(after.claims))
      if (claim.kind === "counts" && claim.test.verdict !== "undecided")
        met.add(`evidence that proves ${claim.test.verdict.replace("-", " ")}`);
  }
  return met;
}

describe("every rule", () => {
  it("has a name of its own", () => {
    const names = invariants.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

describe("the machine, over random plans and histories", () => {
  it("keeps every rule, and reaches every end", () => {
    const ends = new Map<string, number>();
    const met = new Set<string>();
    const result = fc.check(
      fc.property(histories, (history) => {
        for (const { name, holds } of invariants) {
          const kept = holds(history);
          if (kept !== true) throw new Error(`${name}: ${kept}\n${told(history)}`);
        }
        for (const { end } of history.truths)
          ends.set(nameOf(end), (ends.get(nameOf(end)) ?? 0) + 1);
        for (const name of metIn(history)) met.add(name);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: !SHRINKS },
    );
    // Not by its own assertion: that prints the whole plan before the rule that was broken.
    if (result.errorInstance instanceof Error)
      throw new Error(`${result.errorInstance.message}\nseed ${SEED}, run ${result.numRuns}`);
    const counts = ENDS.map((end) => `${end} ${ends.get(end) ?? 0}`).join(", ");
    console.log(`${invariants.length} rules over ${result.numRuns} histories: ${counts}`);
    expect([...ends.keys()].toSorted()).toEqual(ENDS);
    expect([...met].toSorted()).toEqual(MET.toSorted());
  }, 300_000);

  it("is what its journal says: replaying any prefix gives the state at that point", () => {
    fc.assert(
      fc.property(histories, fc.nat(), (history, at) => {
        const index = at % history.moments.length;
        const prefix = history.moments.slice(0, index + 1).map(({ entry }) => entry);
        expect(replay(history.plan, prefix)).toEqual(history.moments[index]?.after);
      }),
      { numRuns: 60, seed: 7 },
    );
  }, 60_000);
});
