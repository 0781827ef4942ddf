import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bet, evidenceOf, fewestBets, untouched } from "../../../src/core/judge/betting.ts";
import {
  addPair,
  startPairedTest,
  surenessOf,
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
/** About 1, and 20 once in twenty windows: the mean is 1.95. */
const SPIKES = { usual: 1, spike: 20, often: 0.05, mean: 1.95 };

type World = (random: () => number) => { readonly canary: number; readonly stable: number };

function spiky(random: () => number): number {
  return random() < SPIKES.often ? SPIKES.spike : SPIKES.usual + 0.1 * (random() - 0.5);
}

/** One arm has spikes, the other is always their mean: nothing differs but the tails. */
const ofStable: World = (random) => ({ canary: SPIKES.mean, stable: spiky(random) });
const ofCanary: World = (random) => ({ canary: spiky(random), stable: SPIKES.mean });

function play(world: World, seed: number, looks: number, options: PairedTestOptions): PairedTest {
  const random = randomFrom(seed);
  let test = startPairedTest(options);
  for (let look = 0; look < looks && test.proven === null; look += 1)
    test = addPair(test, world(random));
  return test;
}

function wrong(world: World, side: PairedTest["proven"], options: PairedTestOptions): number {
  const runs = Array.from({ length: 100 }, (_, run) => play(world, run, 200, options));
  return runs.filter(({ proven }) => proven === side).length;
}

describe("with a bound of the values", () => {
  const bounded = { ...OPTIONS, max: 20 };

  it.each([
    ["more", ofStable],
    ["at-most", ofCanary],
  ] as const)("%s is said wrongly as rarely as stated, however heavy the tails", (side, world) => {
    // 13 of 100 is the 99.9th percentile of a test that is wrong in 5 % of runs.
    expect(wrong(world, side, bounded)).toBeLessThanOrEqual(13);
    // Which is more than the approximate one can say.
    expect(wrong(world, side, OPTIONS)).toBeGreaterThan(25);
  });

  it("what is more, or less, is found", () => {
    const noisy =
      (ratio: number): World =>
      (random) => ({ canary: ratio * (0.9 + 0.2 * random()), stable: 0.9 + 0.2 * random() });
    const options = { ...OPTIONS, max: 2, factor: 1.1 };
    const worse = Array.from({ length: 50 }, (_, run) => play(noisy(1.5), run, 480, options));
    expect(worse.every(({ proven }) => proven === "more")).toBe(true);
    expect(
      quantile(
        worse.map(({ looks }) => looks),
        0.8,
      ),
    ).toBeLessThan(50);
    const less = Array.from({ length: 50 }, (_, run) => play(noisy(0.8), run, 480, options));
    expect(less.every(({ proven }) => proven === "at-most")).toBe(true);
  });

  it("values beyond it, and below 0, count as if they were at it", () => {
    const options = { ...OPTIONS, max: 2, factor: 1.5 };
    const beyond = addPair(startPairedTest(options), { canary: 1e9, stable: -1e9 });
    const at = addPair(startPairedTest(options), { canary: 2, stable: 0 });
    expect(beyond.stakes).toEqual(at.stakes);
    const other = addPair(startPairedTest(options), { canary: -1, stable: 1e9 });
    expect(other.stakes).toEqual(
      addPair(startPairedTest(options), { canary: 0, stable: 2 }).stakes,
    );
  });

  it("keeps its stakes over a resume, and says how sure it is and how long it will take", () => {
    const world: World = (random) => ({ canary: 1.2 + random(), stable: 1 + random() });
    const test = play(world, 4, 30, { ...OPTIONS, max: 4 });
    expect(test.proven).toBeNull();
    const resumed = JSON.parse(JSON.stringify(test)) as PairedTest;
    expect(addPair(resumed, { canary: 2, stable: 1 })).toEqual(
      addPair(test, { canary: 2, stable: 1 }),
    );
    expect(surenessOf(test)?.more).toBeGreaterThan(surenessOf(test)?.atMost ?? 1);
    const settled = play(world, 4, 1000, { ...OPTIONS, max: 4 });
    expect(settled.proven).toBe("more");
    const expected = windowsToSettle(test) ?? 0;
    expect(expected).toBeGreaterThan(30);
    expect(expected / settled.looks).toBeLessThan(3);
    expect(surenessOf(startPairedTest(OPTIONS))).toBeNull();
    expect(windowsToSettle(startPairedTest({ ...OPTIONS, max: 4 }))).toBeNull();
  });

  it("takes longer where windows depend on each other, and refuses a bound that is none", () => {
    const world: World = (random) => ({ canary: 1.6 + random() / 10, stable: 1 + random() / 10 });
    const plain = play(world, 1, 480, { ...OPTIONS, max: 2 }).looks;
    const slow = play(world, 1, 480, { ...OPTIONS, max: 2, designEffect: 3 }).looks;
    expect(slow).toBeGreaterThan(2 * plain);
    for (const max of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => startPairedTest({ ...OPTIONS, max })).toThrow(`max ${max} is not above 0`);
  });
});

describe("stakes", () => {
  it("do not grow in the mean at even odds, whatever the outcomes", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(3), (size, rounds) => {
        // Two outcomes of the same chance, all orders of them: the mean over all is what they began with.
        const outcomes = Array.from({ length: rounds }).reduce<number[][]>(
          (all) =>
            all.flatMap((before) => [
              [...before, size],
              [...before, -size],
            ]),
          [[]],
        );
        const ends = outcomes.map((each) => Math.exp(evidenceOf(each.reduce(bet, untouched), 1)));
        expect(ends.reduce((sum, end) => sum + end, 0) / ends.length).toBeCloseTo(1, 10);
      }),
    );
  });

  it("are never lost altogether, and cannot be bet beyond what is staked", () => {
    expect(Number.isFinite(evidenceOf(bet(untouched, -1), 1))).toBe(true);
    expect(() => bet(untouched, -1.01)).toThrow("below -1");
  });

  it("need so many outcomes at least", () => {
    const fewest = fewestBets(1, 0.05);
    const after = (count: number) =>
      evidenceOf(Array.from({ length: count }, () => 1).reduce(bet, untouched), 1);
    expect(after(fewest)).toBeGreaterThanOrEqual(Math.log(20));
    expect(after(fewest - 1)).toBeLessThan(Math.log(20));
  });
});
