import { describe, expect, it } from "vitest";

import {
  greatestDifference,
  join,
  leastDifference,
  LEAST,
  momentsOf,
  nothing,
} from "../../../src/core/judge/mean-test.ts";
import { quantile, randomFrom } from "../../support/simulate.ts";

/** The figures of GrowthBook's own tests of its one-sided sequential t-test (gbstats, difference_type absolute). */
const control = momentsOf(3000, 1396.87, 52_377.9767);
const treatment = momentsOf(3461, 2422.7, 134_698.29);
const PUBLISHED = { alpha: 0.05, planned: 5000 };

describe("the bound of a difference of means", () => {
  it("is that of the published implementation", () => {
    expect(treatment.mean - control.mean).toBeCloseTo(0.23437666666666668, 14);
    expect(leastDifference(treatment, control, PUBLISHED)).toBeCloseTo(-0.12656844172804982, 12);
  });

  it("from above is that of the arms exchanged", () => {
    expect(greatestDifference(treatment, control, PUBLISHED)).toBe(
      -leastDifference(control, treatment, PUBLISHED),
    );
    expect(greatestDifference(treatment, control, PUBLISHED)).toBeGreaterThan(0.2344);
  });

  it("says nothing of few observations, or of ones that are all the same", () => {
    const few = momentsOf(LEAST - 1, 100, 2000);
    expect(leastDifference(few, control, PUBLISHED)).toBe(Number.NEGATIVE_INFINITY);
    expect(leastDifference(control, few, PUBLISHED)).toBe(Number.NEGATIVE_INFINITY);
    const same = momentsOf(100, 300, 900);
    expect(leastDifference(same, same, PUBLISHED)).toBe(Number.NEGATIVE_INFINITY);
    expect(leastDifference(nothing, nothing, PUBLISHED)).toBe(Number.NEGATIVE_INFINITY);
  });
});

it("moments of parts are the moments of the whole, whatever the parts", () => {
  const random = randomFrom(3);
  const values = Array.from({ length: 300 }, () => 1e6 + random());
  const one = (x: number) => ({ n: 1, mean: x, squares: 0 });
  const inOne = values.map(one).reduce(join, nothing);
  const parts = [0, 7, 100, 300].map((from, at, all) =>
    values
      .slice(all[at - 1] ?? 0, from)
      .map(one)
      .reduce(join, nothing),
  );
  const joined = parts.reduce(join, nothing);
  expect(joined.n).toBe(300);
  expect(joined.mean).toBeCloseTo(inOne.mean, 8);
  expect(joined.squares / inOne.squares).toBeCloseTo(1, 6);
});

describe("over 120 looks at equal arms", () => {
  it("finds the canary worse no more often than stated, and finds what is worse", () => {
    const options = { alpha: 0.05, planned: 2000 };
    const random = randomFrom(11);
    const draw = () => -Math.log(1 - random());
    const firstWorse = (factor: number): number => {
      let [canary, stable] = [nothing, nothing];
      for (let look = 1; look <= 120; look += 1) {
        for (let n = 0; n < 10; n += 1) {
          canary = join(canary, { n: 1, mean: draw() * factor, squares: 0 });
          for (let m = 0; m < 3; m += 1) stable = join(stable, { n: 1, mean: draw(), squares: 0 });
        }
        if (leastDifference(canary, stable, options) > 0) return look;
      }
      return Number.POSITIVE_INFINITY;
    };
    const equal = Array.from({ length: 300 }, () => firstWorse(1));
    // 27 of 300 is the 99.9th percentile of a test that is wrong in 5 % of runs.
    expect(equal.filter(Number.isFinite).length).toBeLessThanOrEqual(27);
    const doubled = Array.from({ length: 60 }, () => firstWorse(2));
    expect(quantile(doubled, 0.8)).toBeLessThan(20);
  });
});
