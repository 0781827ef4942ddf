import { describe, expect, test } from "vitest";

import { parsePercent } from "../../../src/plan/scalars/parse-percent.ts";

describe("parsePercent", () => {
  test.each([
    ["5%", 5],
    ["0.5%", 0.5],
    ["0%", 0],
    ["100%", 100],
  ])("%s is %d", (text, value) => {
    expect(parsePercent(text)).toEqual({ kind: "ok", value });
  });

  test.each([
    [5, "5 has no %", "write 5%"],
    ["5", "5 has no %", "write 5%"],
    [0.05, "0.05 has no %", "write 0.05%, or 5%"],
    ["5 %", "5 % is not how a share is written", "write 5%"],
    ["5 percent", "5 percent is not how a share is written", "write 5%"],
    ["101%", "101% is not between 0% and 100%", "write a percentage from 0% to 100%, like 5%"],
    ["-1%", "-1% is not between 0% and 100%", "write a percentage from 0% to 100%, like 5%"],
  ])("%s is refused with the fix", (text, message, fix) => {
    expect(parsePercent(text)).toEqual({ kind: "bad", message, fix });
  });

  test.each(["", "all", "5%%", "%", null, true, {}, 300, Number.NaN])("%j is refused", (given) => {
    expect(parsePercent(given).kind).toBe("bad");
  });
});
