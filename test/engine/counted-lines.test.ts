import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { countedLines } from "../../src/engine/counted-lines.ts";
import type { JournalEntry } from "../../src/engine/ports.ts";

type Claimed = Extract<Event, { kind: "claimed" }>;

const OWNER = { host: "here", pid: 1, startTime: "0", bootId: "b" };

/** An epoch of so many lines, the first of them its claim, whose number is `seq`. */
function epochOf(
  epoch: number,
  [seq, lines]: readonly [number, number],
  parts: Partial<Claimed> = {},
): readonly JournalEntry[] {
  const claim: Claimed = {
    kind: "claimed",
    rollout: "r",
    plan: "p",
    digest: "d",
    mode: "continue",
    cause: null,
    by: "ana",
    owner: OWNER,
    end: null,
    ...parts,
  };
  return Array.from({ length: lines }, (_, nth) => ({
    at: 0,
    mono: 0,
    epoch,
    actor: "ana",
    seq: seq + nth,
    event: nth === 0 ? claim : { kind: "restored" },
  }));
}

test("who takes over counts on from the last line that was there: what is missing before that is gone", () => {
  const whole = countedLines([...epochOf(1, [1, 5]), ...epochOf(2, [6, 2])]);
  expect(whole).toEqual({
    lastLines: new Map([
      [1, 5],
      [2, 7],
    ]),
    linesGone: 0,
  });
  const cut = countedLines([...epochOf(1, [1, 3]), ...epochOf(2, [6, 2])]);
  expect(cut).toEqual({
    lastLines: new Map([
      [1, 3],
      [2, 7],
    ]),
    linesGone: 2,
  });
});

test("late lines of an epoch that was taken over are none that are gone", () => {
  const late = countedLines([...epochOf(1, [1, 9]), ...epochOf(2, [6, 2]), ...epochOf(3, [8, 1])]);
  expect(late.linesGone).toBe(0);
});

test("what an epoch on its way back wrote names nothing that was begun", () => {
  const back = epochOf(2, [6, 1], { mode: "rollback" });
  const read = countedLines([...epochOf(1, [1, 5]), ...back, ...epochOf(3, [20, 1])]);
  expect(read.linesGone).toBe(0);
  expect(read.lastLines.has(2)).toBe(false);
});

test("who ends its own epoch may leave out lines that no store took, and behind an end nothing is missing", () => {
  const end = epochOf(2, [9, 1], { end: { kind: "promoted" } });
  expect(countedLines([...epochOf(1, [1, 5]), ...end]).linesGone).toBe(0);
  const again = epochOf(3, [30, 1], { mode: "rollback" });
  expect(countedLines([...epochOf(1, [1, 5]), ...end, ...again]).linesGone).toBe(0);
});
