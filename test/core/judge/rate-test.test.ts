import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { NO_WORSE, WORSE } from "../../../src/core/judge/alternatives.ts";
import {
  addLook,
  readRateTest,
  startRateTest,
  type Look,
  type RateTest,
} from "../../../src/core/judge/rate-test.ts";

const OPTIONS = { alpha: 0.05, margin: 1, noWorseThan: 2, designEffect: 1 };

function look(canary: number, ofCanary: number, stable: number, ofStable: number): Look {
  return {
    canary: { events: canary, total: ofCanary },
    stable: { events: stable, total: ofStable },
  };
}

function after(looks: readonly Look[], options = {}): RateTest {
  return looks.reduce(addLook, startRateTest({ ...OPTIONS, ...options }));
}

/** The formula as it stands in the paper: products of binomial likelihoods, nothing shared with the implementation. */
function byHand(
  looks: readonly Look[],
  null0: number,
  alternatives: readonly (readonly [ratio: number, part: number])[],
): number {
  const parts = alternatives.map(([ratio, part]) =>
    looks.reduce((product, { canary, stable }) => {
      const share = canary.total / (canary.total + stable.total);
      const p = (r: number) => (share * r) / (share * r + 1 - share);
      const likelihood = (r: number) => p(r) ** canary.events * (1 - p(r)) ** stable.events;
      return product * (likelihood(ratio) / likelihood(null0));
    }, part),
  );
  return parts.reduce((sum, part) => sum + part, 0);
}

const looks = fc.array(
  fc
    .record({
      canary: fc.nat(4),
      ofCanary: fc.integer({ min: 4, max: 500 }),
      stable: fc.nat(12),
      ofStable: fc.integer({ min: 12, max: 500 }),
    })
    .map(({ canary, ofCanary, stable, ofStable }) => look(canary, ofCanary, stable, ofStable)),
  { maxLength: 12 },
);

describe("the evidence", () => {
  it("is the mean likelihood ratio over the alternatives, with shares that change", () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(1, 1.1, 1.25), (seen, margin) => {
        const { e, eNoWorse } = readRateTest(after(seen, { margin }));
        const worse = byHand(
          seen,
          margin,
          WORSE.map(({ times, part }) => [margin * times, part] as const),
        );
        const noWorse = byHand(
          seen,
          2,
          NO_WORSE.map(({ times, part }) => [2 / times, part] as const),
        );
        expect(e / worse).toBeCloseTo(1, 8);
        expect(eNoWorse / noWorse).toBeCloseTo(1, 8);
      }),
    );
  });

  it("is a mean: the parts add up to one, so that it begins at 1", () => {
    for (const alternatives of [WORSE, NO_WORSE])
      expect(alternatives.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 12);
  });

  it("of a figure worked out by hand: 3 of 3 events at the canary, which has a half of the traffic", () => {
    const { e } = readRateTest(after([look(3, 100, 0, 100)]));
    const each = WORSE.map(({ times, part }) => part * (times / (times + 1) / 0.5) ** 3);
    expect(e).toBeCloseTo(
      each.reduce((sum, x) => sum + x, 0),
      10,
    );
  });

  it("of equal shares is the same in one look and in many", () => {
    const one = readRateTest(after([look(12, 1200, 30, 12_000)]));
    const many = readRateTest(after(Array.from({ length: 6 }, () => look(2, 200, 5, 2000))));
    expect(many.e).toBeCloseTo(one.e, 8);
    expect(many.ratio).toBeCloseTo(4, 10);
  });

  it("does not overflow, however strong it is", () => {
    const { e, p, verdict } = readRateTest(after([look(50_000, 50_000, 0, 5_000_000)]));
    expect(e).toBe(Number.POSITIVE_INFINITY);
    expect(p).toBe(0);
    expect(verdict).toBe("worse");
  });

  it("is divided by the design effect, which is as if there were that many times fewer events", () => {
    const bursts = readRateTest(after([look(20, 100, 20, 1000)], { designEffect: 4 }));
    const single = readRateTest(after([look(5, 100, 5, 1000)]));
    expect(bursts.e).toBeCloseTo(single.e, 8);
    expect(bursts.ratio).toBe(single.ratio);
  });
});

describe("a look that says nothing", () => {
  it.each([
    ["nothing happened", look(0, 100, 0, 9900)],
    ["the canary had no traffic", look(0, 0, 7, 9900)],
    ["stable had no traffic", look(7, 100, 0, 0)],
    ["nobody had any", look(0, 0, 0, 0)],
  ])("changes no evidence: %s", (_, empty) => {
    const before = after([look(4, 100, 20, 9900)]);
    const reading = readRateTest(before);
    expect(readRateTest(addLook(before, empty))).toEqual(reading);
    expect(addLook(before, empty).looks).toBe(2);
  });

  it("leaves a test at the beginning", () => {
    expect(readRateTest(after([]))).toEqual({
      verdict: "undecided",
      e: 1,
      eNoWorse: 1,
      p: 1,
      ratio: null,
      lower: 0,
    });
  });
});

describe("a verdict", () => {
  const worse = Array.from({ length: 10 }, () => look(5, 100, 50, 9900));
  const equal = Array.from({ length: 60 }, () => look(1, 100, 99, 9900));

  it("is worse when the evidence is one over alpha, and p is alpha at most", () => {
    const test = after(worse);
    expect(readRateTest(test)).toMatchObject({ verdict: "worse" });
    const first = worse.findIndex((_, at) => readRateTest(after(worse.slice(0, at + 1))).e >= 20);
    expect(readRateTest(after(worse.slice(0, first))).verdict).toBe("undecided");
    expect(readRateTest(after(worse.slice(0, first + 1)))).toMatchObject({ verdict: "worse" });
    expect(readRateTest(after(worse.slice(0, first))).p).toBeGreaterThan(0.05);
    expect(readRateTest(after(worse.slice(0, first + 1))).p).toBeLessThanOrEqual(0.05);
  });

  it("is no worse only on evidence: not while nothing happens, but on enough that is equal", () => {
    const silent = Array.from({ length: 1000 }, () => look(0, 10_000, 0, 990_000));
    expect(readRateTest(after(silent)).verdict).toBe("undecided");
    expect(readRateTest(after(equal)).verdict).toBe("no-worse");
  });

  it("is no worse when the evidence of that is one over alpha, and not before", () => {
    let test = startRateTest(OPTIONS);
    for (const next of equal) {
      test = addLook(test, next);
      const { eNoWorse, verdict } = readRateTest(test);
      if (verdict === "no-worse") break;
      expect(eNoWorse).toBeLessThan(20);
    }
    expect(readRateTest(test)).toMatchObject({ verdict: "no-worse" });
    expect(readRateTest(test).eNoWorse).toBeGreaterThanOrEqual(20);
  });

  it("is no worse sooner than any bound that is tighter", () => {
    const when = (noWorseThan: number) =>
      equal.findIndex(
        (_, at) =>
          readRateTest(after(equal.slice(0, at + 1), { noWorseThan })).verdict === "no-worse",
      );
    expect(when(5)).toBeGreaterThanOrEqual(0);
    expect(when(3)).toBeGreaterThan(when(5));
    expect(when(2)).toBeGreaterThan(when(3));
  });

  it("stays, whatever comes after it", () => {
    expect(readRateTest(after([...worse, ...equal, ...equal])).verdict).toBe("worse");
    expect(readRateTest(after([...equal, ...worse, ...worse])).verdict).toBe("no-worse");
  });

  it("comes later with a margin: what is a little worse is let be", () => {
    const little = Array.from({ length: 300 }, () => look(12, 1000, 990, 99_000));
    const steps = (margin: number) => {
      let test = startRateTest({ ...OPTIONS, margin });
      const at = little.findIndex((next) => {
        test = addLook(test, next);
        return readRateTest(test).p <= 0.05;
      });
      return at < 0 ? little.length : at;
    };
    expect(steps(1)).toBeLessThan(little.length);
    expect(steps(1.1)).toBeGreaterThan(steps(1));
    expect(steps(1.25)).toBe(little.length);
  });
});

describe("the lower bound of the ratio", () => {
  it("is above the margin exactly when the canary was found worse, and never falls", () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(1, 1.25), (seen, margin) => {
        let before = 0;
        for (let at = 1; at <= seen.length; at += 1) {
          const { lower, p } = readRateTest(after(seen.slice(0, at), { margin }));
          expect(lower).toBeGreaterThanOrEqual(before);
          expect(lower >= margin || p > 0.05).toBe(true);
          expect(lower <= margin || p <= 0.05).toBe(true);
          before = lower;
        }
      }),
    );
  });

  it("comes closer to the ratio with more events, from below", () => {
    const bound = (times: number) =>
      readRateTest(after([look(30 * times, 1000 * times, 990 * times, 99_000 * times)])).lower;
    const bounds = [1, 10, 100, 1000].map(bound);
    expect(bounds.toSorted((a, b) => a - b)).toEqual(bounds);
    expect(bounds[0]).toBeGreaterThan(1.5);
    expect(bounds[3]).toBeGreaterThan(2.5);
    expect(bounds[3]).toBeLessThan(3);
  });
});

describe("its state", () => {
  it("goes on from the journal as if nothing had happened, to the last digit", () => {
    fc.assert(
      fc.property(looks, (seen) => {
        const straight = after(seen, { margin: 1.1, designEffect: 1.7 });
        const start = startRateTest({ ...OPTIONS, margin: 1.1, designEffect: 1.7 });
        const resumed = seen.reduce<RateTest>(
          (test, next) => JSON.parse(JSON.stringify(addLook(test, next))) as RateTest,
          start,
        );
        expect(resumed).toEqual(straight);
        expect(readRateTest(resumed)).toEqual(readRateTest(straight));
      }),
    );
  });

  it("is small", () => {
    const test = after(Array.from({ length: 5000 }, (_, at) => look(at % 3, 101, at % 7, 9901)));
    expect(JSON.stringify(test).length).toBeLessThan(2000);
  });
});

it.each([
  [{ alpha: 0 }, "alpha 0"],
  [{ alpha: 1 }, "alpha 1"],
  [{ alpha: Number.NaN }, "alpha NaN"],
  [{ margin: 0 }, "margin 0"],
  [{ margin: 2.5 }, "below the margin"],
  [{ noWorseThan: Number.POSITIVE_INFINITY }, "no-worse-than Infinity"],
  [{ designEffect: 0.5 }, "design effect 0.5"],
])("options that make no sense are a bug: %o", (options, message) => {
  expect(() => startRateTest({ ...OPTIONS, ...options })).toThrow(message);
});
