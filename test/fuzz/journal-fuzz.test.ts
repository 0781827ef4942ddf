import { expect, test } from "vitest";

import { fuzzJournal } from "./journal-fuzz.ts";
import { MUTATIONS } from "./mutate.ts";

const RUNS = 150;

test("an abort over spoilt journals says what is true of the targets, and fails in words", async () => {
  const outcomes = new Map<string, number>();
  const ways = new Set<string>();
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { how, outcome, wrong, log } = await fuzzJournal(seed);
    if (wrong !== null) throw new Error(`seed ${seed} (${how}): ${wrong}\n${log.join("\n")}`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    for (const way of how.split(", ")) ways.add(way);
  }
  expect(ways).toEqual(new Set(Object.keys(MUTATIONS)));
  expect([...outcomes.keys()]).toEqual(
    expect.arrayContaining([
      "ended rolled-back",
      "ended rollback-failed",
      "needs-consent promoted",
    ]),
  );
});
