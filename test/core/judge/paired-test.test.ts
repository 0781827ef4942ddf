import { describe, expect, it } from "vitest";

import { LEAST } from "../../../src/core/judge/mean-test.ts";
import {
  addPair,
  startPairedTest,
  windowsToSettle,
  type PairedTest,
  type PairedTestOptions,
} from "../../../src/core/judge/paired-test.ts";
import { quantile, randomFrom } from "../../support/simulate.ts";

const OPTIONS: PairedTestOptions = {
  alphaMore: 0.05,
  alphaAtMost: 0.05,
  factor: 1,
  planned: 60,
  designEffect: 1,
};

/** Means of 200 requests each, under a load whose cost swings over the day: more than the difference. */
function world(ratio: number, seed: number): (look: number) => { canary: number; stable: number } {
  const random = randomFrom(seed);
  const noise = (): number => {
    let sum = 0;
    for (let n = 0; n < 12; n += 1) sum += random();
    return 0.1 * (sum - 6);
  };
  return (look) => {
    const day = 2 + Math.sin(look / 100);
    return { canary: day * ratio * (1 + noise()), stable: day * (1 + noise() / 4) };
  };
}

function play(ratio: number, seed: number, looks: number, options = OPTIONS): PairedTest {
  const pair = world(ratio, seed);
  let test = startPairedTest(options);
  for (let look = 0; look < looks && test.proven === null; look += 1)
    test = addPair(test, pair(look));
  return test;
}

describe("a comparison of one value of each arm a window", () => {
  it("finds an equal canary worse, or better, at most as often as stated over 480 looks", () => {
    const found = Array.from({ length: 200 }, (_, run) => play(1, run, 480).proven);
    // 20 of 200 is the 99.9th percentile of a test that is wrong in 5 % of runs.
    expect(found.filter((proven) => proven === "more").length).toBeLessThanOrEqual(20);
    expect(found.filter((proven) => proven === "at-most").length).toBeLessThanOrEqual(20);
  });

  it("finds a fifth more soon, and proves an equal one less than 1.1 times", () => {
    const worse = Array.from({ length: 100 }, (_, run) => play(1.2, run, 480));
    expect(worse.every(({ proven }) => proven === "more")).toBe(true);
    expect(
      quantile(
        worse.map(({ looks }) => looks),
        0.8,
      ),
    ).toBeLessThan(40);
    const equal = Array.from({ length: 100 }, (_, run) =>
      play(1, run, 480, { ...OPTIONS, factor: 1.1 }),
    );
    expect(equal.filter(({ proven }) => proven === "at-most").length).toBeGreaterThan(95);
  });

  it("says nothing before its least number of windows, and how many are missing", () => {
    const early = play(2, 1, LEAST - 1);
    expect(early).toMatchObject({ proven: null, least: -Infinity, greatest: Infinity });
    expect(windowsToSettle(early)).toBe(LEAST);
    const later = play(1.01, 1, 30);
    expect(windowsToSettle(later)).toBeGreaterThan(30);
  });

  it("keeps what it proved, and is exact over a resume", () => {
    const proven = play(2, 1, 480);
    const next = addPair(JSON.parse(JSON.stringify(proven)) as PairedTest, {
      canary: 0,
      stable: 9,
    });
    expect(next).toEqual(addPair(proven, { canary: 0, stable: 9 }));
    expect(next.proven).toBe("more");
  });

  it("takes longer where windows depend on each other, and refuses options that make no sense", () => {
    const plain = play(1.1, 3, 480).looks;
    expect(play(1.1, 3, 480, { ...OPTIONS, designEffect: 4 }).looks).toBeGreaterThan(plain * 1.5);
    expect(() => startPairedTest({ ...OPTIONS, alphaMore: 0.6 })).toThrow("alpha 0.6");
    expect(() => startPairedTest({ ...OPTIONS, designEffect: 0 })).toThrow("design effect 0");
  });
});
