import { expect, test } from "vitest";

import { offOf } from "../../../src/drivers/flags/flag-off.ts";

test.each([
  [
    { flag: "f", share: "25%" },
    { flag: "f", share: "0%" },
  ],
  [
    { flag: "f", enabled: true, everyone: true },
    { flag: "f", enabled: false, everyone: undefined },
  ],
  [{ flag: "f", enabled: false }, null],
  [{ flag: "f" }, null],
] as const)("%j is switched off by %j", (input, off) => {
  expect(offOf(input)).toEqual(off);
});
