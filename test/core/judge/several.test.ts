import { describe, expect, it } from "vitest";

import { averageE } from "../../../src/core/judge/average-e.ts";
import { logMeanExp } from "../../../src/core/judge/log-mean-exp.ts";
import {
  addSplit,
  readSplitTest,
  startSplitTest,
  type SplitTest,
} from "../../../src/core/judge/split-test.ts";
import { binomial, randomFrom } from "../../support/simulate.ts";

describe("the mean of e-values", () => {
  it("counts metrics that have seen nothing as 1", () => {
    expect(Math.exp(averageE([Math.log(100)], 5))).toBeCloseTo((100 + 4) / 5, 10);
    expect(averageE([], 3)).toBe(0);
    expect(() => averageE([0, 0], 1)).toThrow("2 e-values of 1");
  });

  it("does not overflow or underflow", () => {
    expect(logMeanExp([5000, 0])).toBeCloseTo(5000 - Math.log(2), 8);
    expect(logMeanExp([-5000, -5000])).toBeCloseTo(-5000, 8);
    expect(logMeanExp([Number.NEGATIVE_INFINITY, 0])).toBeCloseTo(-Math.log(2), 10);
    expect(logMeanExp([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
    expect(() => logMeanExp([])).toThrow("nothing");
  });
});

describe("the split of the traffic", () => {
  const options = { alpha: 0.01, tolerance: 1.2, designEffect: 1 };

  /** The look of the first mismatch in a day at this true share, meant to be 5 %; null when there is none. */
  function firstMismatch(share: number, random: () => number): [string, number] | null {
    let test: SplitTest = startSplitTest(options);
    for (let look = 1; look <= 480; look += 1) {
      const canary = binomial(random, 600, share);
      test = addSplit(test, { canary, stable: 600 - canary }, 0.05);
      if (readSplitTest(test) !== "as-intended") return [readSplitTest(test), look];
    }
    return null;
  }

  it("is as intended within the tolerance, at every look", () => {
    const random = randomFrom(5);
    const found = [0.05, 0.045, 0.055, 0.0435, 0.058].flatMap((share) =>
      Array.from({ length: 10 }, () => firstMismatch(share, random)),
    );
    // 4 of 50 is beyond the 99.9th percentile of a check that is wrong once in a hundred.
    expect(found.filter((each) => each !== null).length).toBeLessThanOrEqual(4);
  });

  it.each([
    [0.1, "too-many"],
    [0.02, "too-few"],
    [0, "too-few"],
    [0.95, "too-many"],
  ])("of %f instead of 0.05 is %s, found soon", (share, verdict) => {
    const random = randomFrom(6);
    const found = Array.from({ length: 20 }, () => firstMismatch(share, random));
    expect(new Set(found.map((each) => each?.[0]))).toEqual(new Set([verdict]));
    expect(Math.max(...found.map((each) => each?.[1] ?? 481))).toBeLessThan(30);
  });

  it("keeps what it found, and is exact over a resume", () => {
    const wrong = addSplit(startSplitTest(options), { canary: 500, stable: 500 }, 0.05);
    const stored = JSON.parse(JSON.stringify(wrong)) as SplitTest;
    const later = addSplit(stored, { canary: 500, stable: 99_500 }, 0.05);
    expect(readSplitTest(later)).toBe("too-many");
    expect(later).toEqual(addSplit(wrong, { canary: 500, stable: 99_500 }, 0.05));
    expect(() => startSplitTest({ ...options, tolerance: 0.9 })).toThrow("tolerance 0.9");
  });
});
