import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Unit } from "../../../src/core/plan.ts";
import { parsePoints } from "../../../src/plan/scalars/parse-points.ts";
import { parseQuantity } from "../../../src/plan/scalars/parse-quantity.ts";
import { printQuantity } from "../../../src/plan/scalars/print-quantity.ts";

const numeric: readonly Unit[] = [
  "s",
  "ratio",
  "count",
  "/s",
  "/min",
  "ratio/min",
  "bytes",
  "none",
];

describe("parseQuantity", () => {
  test.each<[string, Unit, number | boolean]>([
    ["300ms", "s", 0.3],
    ["250us", "s", 0.00025],
    ["1.5s", "s", 1.5],
    ["2m", "s", 120],
    ["5%", "ratio", 0.05],
    ["0.7%", "ratio", 0.007],
    ["85.5%", "ratio", 0.855],
    ["10/s", "/s", 10],
    ["30/min", "/s", 0.5],
    ["0.1/min", "/min", 0.1],
    ["1/s", "/min", 60],
    ["0.5%/min", "ratio/min", 0.005],
    ["512MiB", "bytes", 536_870_912],
    ["1.5GB", "bytes", 1_500_000_000],
    ["5", "count", 5],
    ["-5", "none", -5],
    ["1e3", "count", 1000],
    ["true", "bool", true],
    ["false", "bool", false],
  ])("%s of %s is %s", (text, unit, value) => {
    expect(parseQuantity(text, unit)).toEqual({ kind: "ok", value });
  });

  test.each(numeric)("a bare 0 is 0 in %s", (unit) => {
    expect(parseQuantity("0", unit)).toEqual({ kind: "ok", value: 0 });
    expect(parseQuantity(0, unit)).toEqual({ kind: "ok", value: 0 });
  });

  test.each<[unknown, Unit, string]>([
    ["200", "s", "write 200s or 200ms"],
    ["0.2", "s", "write 0.2s"],
    ["0.01", "ratio", "write 1% (or 0.01%)"],
    ["5", "ratio", "write 5%"],
    [85.5, "ratio", "write 85.5%"],
    ["10", "/s", "write 10/s"],
    ["1%", "s", "write a limit like 200ms or 0.2s"],
    ["5s", "ratio", "write a limit like 5%"],
    ["5%", "count", "write 5, or state the metric's `unit`"],
    ["5pp", "ratio", "points stand after a reference, like `baseline + 5pp`"],
    ["200 ms", "s", "write 200ms"],
    ["200msec", "s", "write 200ms"],
    ["200mz", "s", "write 200ms"],
    ["3sec", "s", "write 3s"],
    ["10/m", "/min", "write 10/min"],
    ["1,000", "count", "write 1000, or a point for decimals"],
    [".5s", "s", "write 0.5s"],
    [true, "s", "write a limit like 200ms or 0.2s"],
    ["1", "bool", "write true or false"],
    ["yes", "bool", "write true or false"],
    ["", "count", "write a limit like 5"],
    ["many", "count", "write a limit like 5"],
    ["1e999s", "s", "write a limit like 200ms or 0.2s"],
  ])("%s of %s is refused: %s", (text, unit, fix) => {
    expect(parseQuantity(text, unit)).toMatchObject({ kind: "bad", fix });
  });

  test("what is printed is read back to the same number", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...numeric),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
        (unit, value) => {
          const read = parseQuantity(printQuantity(value, unit), unit);
          expect(read).toEqual({ kind: "ok", value: value === 0 ? 0 : value });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.constantFrom<Unit>(...numeric, "bool"), fc.anything(), (unit, given) => {
        if (typeof given === "object" || typeof given === "symbol") return;
        expect(["ok", "bad"]).toContain(parseQuantity(given, unit).kind);
      }),
    );
  });
});

describe("parsePoints", () => {
  test("points are a hundredth each", () => {
    expect(parsePoints("5pp")).toEqual({ kind: "ok", value: 0.05 });
    expect(parsePoints("0.7pp")).toEqual({ kind: "ok", value: 0.007 });
    expect(parsePoints("5pp/min")).toEqual({ kind: "ok", value: 0.05 });
  });

  test.each(["5%", "5", "-5pp", "pp"])("%s is not in points", (text) => {
    expect(parsePoints(text).kind).toBe("bad");
  });
});
