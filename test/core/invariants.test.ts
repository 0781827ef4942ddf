import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

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

describe("the machine, over random plans and histories", () => {
  it("keeps every rule, and reaches every end", () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(histories, (history) => {
        for (const { name, holds } of invariants) {
          const result = holds(history);
          if (result !== true) throw new Error(`${name}: ${result}\n${told(history)}`);
        }
        for (const { end } of history.truths) {
          const which =
            end.kind === "rolled-back"
              ? end.by
              : end.kind === "rollback-failed"
                ? end.certain
                : end.kind === "refused"
                  ? end.locked
                  : "";
          const key = `${end.kind} ${which}`.trim();
          ends.set(key, (ends.get(key) ?? 0) + 1);
        }
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: !SHRINKS },
    );
    expect([...ends.keys()].toSorted()).toEqual([
      "halted",
      "promoted",
      "refused false",
      "refused true",
      "rollback-failed false",
      "rollback-failed true",
      "rolled-back abort",
      "rolled-back machine",
    ]);
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
