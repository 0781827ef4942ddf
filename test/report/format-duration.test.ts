import { expect, test } from "vitest";

import { formatDuration } from "../../src/report/format-duration.ts";

test.for([
  [0, "0ms"],
  [200, "200ms"],
  [1000, "1s"],
  [1500, "1.5s"],
  [59_600, "1m"],
  [90_000, "1m30s"],
  [3_600_000, "1h"],
  [5_400_000, "1h30m"],
  [86_400_000, "1d"],
  [90_061_000, "1d1h"],
] as const)("%i ms are %s", ([ms, text]) => {
  expect(formatDuration(ms)).toBe(text);
});
