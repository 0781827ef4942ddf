import { describe, expect, it } from "vitest";

import { designEffectOf, ratioOf } from "../../../src/core/judge/dispersion.ts";
import { rateInterval } from "../../../src/core/judge/rate-interval.ts";
import {
  addLook,
  startRateTest,
  upperRatio,
  type Look,
} from "../../../src/core/judge/rate-test.ts";
import { replayMargins, suggestMargin } from "../../../src/core/judge/replay-margins.ts";
import { daily, lookAt, randomFrom, steady, type Service } from "../../support/simulate.ts";

function looks(service: Partial<Service>, count: number): readonly Look[] {
  const random = randomFrom(5);
  const whole = { ...steady, share: () => 0.1, ...service };
  return Array.from({ length: count }, (_, at) => lookAt(whole, at, random));
}

describe("the design effect of the past", () => {
  it.each([1, 2, 5])("is about %d where events come so many at a time, at any load", (burst) => {
    const found = designEffectOf(looks({ burst, requests: daily(6000) }, 3000)) ?? 0;
    expect(found).toBeGreaterThan(0.85 * burst);
    expect(found).toBeLessThan(1.25 * burst);
  });

  it("sees bursts that last longer than a window", () => {
    const random = randomFrom(6);
    // Every half hour one arm alone has a bad ten minutes.
    const long = Array.from({ length: 3000 }, (_, at) => {
      const isBad = at % 30 < 10;
      const who = Math.floor(at / 30) % 2 === 0 ? 3 : 1 / 3;
      return lookAt({ ...steady, share: () => 0.5, ratio: isBad ? who : 1 }, at, random);
    });
    const single = long.filter((_, at) => at % 30 >= 10);
    expect(designEffectOf(long)).toBeGreaterThan(3 * (designEffectOf(single) ?? 0));
  });

  it("is not known of too few events, and the ratio neither", () => {
    expect(designEffectOf(looks({}, 10))).toBeNull();
    expect(designEffectOf(looks({ rate: 0 }, 100))).toBeNull();
    expect(ratioOf([])).toBeNull();
    expect(ratioOf(looks({ ratio: 2 }, 2000))).toBeCloseTo(2, 0);
  });
});

it("the margin that is suggested is the least that keeps the stated rate over the past", () => {
  const options = { alpha: 0.05, designEffect: 1 };
  const equal = replayMargins(looks({}, 2400), 60, options);
  expect(equal.stretches).toBe(40);
  expect(suggestMargin(equal, 0.05)).toBeLessThanOrEqual(1.1);
  const apart = replayMargins(looks({ ratio: 1.4, rate: 0.02 }, 2400), 60, options);
  expect(suggestMargin(apart, 0.05)).toBeGreaterThan(1.1);
  expect(suggestMargin(apart, 0.05)).toBeLessThanOrEqual(1.5);
  expect(suggestMargin(replayMargins(looks({ ratio: 30 }, 120), 60, options), 0.05)).toBeNull();
  expect(suggestMargin(replayMargins([], 60, options), 0.05)).toBeNull();
});

it("the interval of a rate is that of Clopper and Pearson", () => {
  // R: binom.test(x, n)$conf.int
  for (const [events, total, low, high] of [
    [0, 60, 0, 0.05963],
    [3, 100, 0.00623, 0.08518],
    [7, 7, 0.59038, 1],
  ] as const) {
    const [from, to] = rateInterval(events, total, 0.95);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  }
});

it("the upper bound of the ratio holds at all looks of almost all runs, and closes in", () => {
  const random = randomFrom(8);
  const options = { alpha: 0.05, margin: 1.5, noWorseThan: 1.5, designEffect: 1 };
  let broken = 0;
  for (let run = 0; run < 60; run += 1) {
    let test = startRateTest(options);
    let isBroken = false;
    for (let look = 0; look < 200; look += 1) {
      test = addLook(test, lookAt({ ...steady, share: () => 0.1 }, look, random));
      isBroken ||= upperRatio(test) < 1;
    }
    expect(upperRatio(test)).toBeLessThan(1.5);
    if (isBroken) broken += 1;
  }
  // 9 of 60 is the 99.9th percentile of a bound that is wrong in 5 % of runs.
  expect(broken).toBeLessThanOrEqual(9);
  expect(upperRatio(startRateTest(options))).toBe(Infinity);
});
