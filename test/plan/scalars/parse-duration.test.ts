import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseDuration } from "../../../src/plan/scalars/parse-duration.ts";

describe("parseDuration", () => {
  test.each([
    ["300ms", 300],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1d2h3m4s5ms", 93_784_005],
    ["0.3s", 300],
    ["1.5h", 5_400_000],
    ["0s", 0],
    [0, 0],
    [" 5m ", 300_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toEqual({ kind: "ok", value: ms });
  });

  test.each([
    [30, "30 has no unit", "write 30s for seconds or 30m for minutes"],
    ["30", "30 has no unit", "write 30s for seconds or 30m for minutes"],
    ["5 min", "5 min is not how a duration is written", "write 5m"],
    ["5min", "5min is not how a duration is written", "write 5m"],
    ["2 hours", "2 hours is not how a duration is written", "write 2h"],
    ["5M", "5M is not how a duration is written", "write 5m"],
    ["1h 30m", "1h 30m is not how a duration is written", "write 1h30m"],
  ])("%s is refused with the fix", (text, message, fix) => {
    expect(parseDuration(text)).toEqual({ kind: "bad", message, fix });
  });

  test.each([
    "",
    "soon",
    "-5m",
    -5,
    "5x",
    "30m1h",
    "5m5m",
    "1w",
    "400d",
    null,
    true,
    [],
    {},
    "5m;",
    "PT5M",
    Number.NaN,
  ])("%j is refused, and says how a duration is written", (given) => {
    expect(parseDuration(given)).toMatchObject({
      kind: "bad",
      fix: expect.stringMatching(/write/) as string,
    });
  });

  test("never throws, and what it reads is a whole, bounded time", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,6}(ms|s|m|h|d){1,2}$/)),
        (text) => {
          const read = parseDuration(text);
          const value = read.kind === "ok" ? read.value : 0;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(366 * 86_400_000);
        },
      ),
    );
  });
});
