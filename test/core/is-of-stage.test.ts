import { describe, expect, it } from "vitest";

import { isOfStage } from "../../src/core/is-of-stage.ts";
import type { Measured } from "../../src/core/state.ts";

/** A value that was asked for and arrived at `at`, observed by its source at `observed`, in milliseconds. */
function measured(at: number, observed: number): Measured {
  return { sample: { kind: "value", value: 1, samples: null, observedAt: null }, at, observed };
}

/** The stage began here, and its metrics look back over a minute. */
const [CLOCK, WINDOW] = [100_000, 60_000];

describe("a value tells of a stage", () => {
  it("that its source saw within it, and within the window that was asked about", () => {
    expect(isOfStage(measured(110_000, 105_000), CLOCK, WINDOW)).toBe(true);
    expect(isOfStage(measured(110_000, CLOCK), CLOCK, WINDOW)).toBe(true);
  });

  it("and not of one that began after it was seen, however near", () => {
    expect(isOfStage(measured(110_000, 99_999), CLOCK, WINDOW)).toBe(false);
    expect(isOfStage(measured(110_000, 60_000), CLOCK, WINDOW)).toBe(false);
  });

  it("and not where its source has stood still for longer than the window", () => {
    expect(isOfStage(measured(161_000, 100_999), CLOCK, WINDOW)).toBe(false);
    expect(isOfStage(measured(161_000, 101_000), CLOCK, WINDOW)).toBe(true);
  });

  it("of a source that lags, after a whole window of the stage", () => {
    expect(isOfStage(measured(900_000, 159_999), CLOCK, WINDOW)).toBe(false);
    expect(isOfStage(measured(900_000, 160_000), CLOCK, WINDOW)).toBe(true);
  });
});
