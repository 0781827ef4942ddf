import { expect, test } from "vitest";

import { fuzzScenario } from "./fuzz-scenario.ts";

test("a spoilt scenario is read or refused with words at a place, never with a stack trace", () => {
  const results = Array.from({ length: 80 }, (_, seed) => fuzzScenario(seed));
  expect(results.map(({ wrong }) => wrong).filter((wrong) => wrong !== null)).toEqual([]);
  expect(new Set(results.map(({ isRead }) => isRead))).toEqual(new Set([true, false]));
});
