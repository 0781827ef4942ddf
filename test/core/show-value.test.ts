import { expect, test } from "vitest";

import { showValue } from "../../src/core/show-value.ts";

test.each([
  [0.121, "s", "121ms"],
  [1.5, "s", "1.5s"],
  [0, "s", "0s"],
  [0.3889, "ratio", "38.89%"],
  [0, "ratio", "0%"],
  [0.02, "ratio/min", "2%/min"],
  [12.34567, "/s", "12.35/s"],
  [3, "/min", "3/min"],
  [2048, "bytes", "2048 bytes"],
  [7, "count", "7"],
  [0.5, "none", "0.5"],
  [true, "bool", "true"],
] as const)("%s in %s reads %s", (value, unit, text) => {
  expect(showValue(value, unit)).toBe(text);
});
