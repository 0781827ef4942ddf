import { describe, expect, it } from "vitest";

import { averageE } from "../../../src/core/judge/average-e.ts";
import {
  addLook,
  readRateTest,
  startRateTest,
  type RateTestOptions,
} from "../../../src/core/judge/rate-test.ts";
import {
  daily,
  lookAt,
  quantile,
  randomFrom,
  staged,
  steady,
  type Service,
} from "../../support/simulate.ts";

/** Small and seeded; the full size, and the rivals beside it, run in the soak. */
const RUNS = 150;
const LOOKS = 480;
const OPTIONS: RateTestOptions = { alpha: 0.05, margin: 1, noWorseThan: 2, designEffect: 1 };

/** 17 of 150 is the 99.9th percentile of a test that is wrong in 5 % of runs. */
const AT_MOST = 17;

interface Outcome {
  /** Whether "worse" was ever reached, also after another verdict. */
  readonly worse: boolean;
  readonly verdict: string;
  /** Events of the canary when the verdict fell. */
  readonly events: number;
}

function play(service: Service, random: () => number, options = OPTIONS, looks = LOOKS): Outcome {
  let test = startRateTest(options);
  let events = Number.POSITIVE_INFINITY;
  for (let look = 0; look < looks; look += 1) {
    test = addLook(test, lookAt(service, look, random));
    if (test.verdict !== "undecided" && events === Number.POSITIVE_INFINITY)
      events = test.canary.events;
    if (test.peak >= -Math.log(options.alpha)) break;
  }
  return { worse: readRateTest(test).p <= options.alpha, verdict: test.verdict, events };
}

function playMany(service: Service, options = OPTIONS, looks = LOOKS): readonly Outcome[] {
  const random = randomFrom(20_261);
  return Array.from({ length: RUNS }, () => play(service, random, options, looks));
}

function worse(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome.worse).length;
}

describe("over 480 looks at a healthy canary, worse is found at most as often as stated", () => {
  it.each<[string, Partial<Service>, Partial<RateTestOptions>]>([
    ["at 1 %", {}, {}],
    ["in stages of 1, 5, 25 and 50 %", { share: staged(LOOKS) }, {}],
    ["under a load that swings fourfold over the day", { requests: daily(6000) }, {}],
    ["in bursts, with their design effect", { burst: 5 }, { designEffect: 5 }],
    ["with one event in a thousand, rarely any at the canary", { rate: 0.001 }, {}],
    ["with every twentieth request failing", { rate: 0.05 }, {}],
    ["that is a little worse, within the margin", { ratio: 1.2 }, { margin: 1.25 }],
  ])("%s", (_, service, options) => {
    const outcomes = playMany({ ...steady, ...service }, { ...OPTIONS, ...options });
    expect(worse(outcomes)).toBeLessThanOrEqual(AT_MOST);
  });

  it("in bursts that nobody stated: far more often, so that the design effect is needed", () => {
    expect(worse(playMany({ ...steady, burst: 5 }))).toBeGreaterThan(RUNS / 5);
  });

  it("by five metrics together", () => {
    const random = randomFrom(3);
    const wrong = Array.from({ length: RUNS }, () => {
      let tests = Array.from({ length: 5 }, () => startRateTest(OPTIONS));
      for (let look = 0; look < 120; look += 1) {
        tests = tests.map((test) => addLook(test, lookAt(steady, look, random)));
        const logs = tests.map((test) => Math.log(readRateTest(test).e));
        if (averageE(logs, 5) >= Math.log(20)) return true;
      }
      return false;
    });
    expect(wrong.filter(Boolean).length).toBeLessThanOrEqual(AT_MOST);
  });
});

describe("what is worse is found", () => {
  /** Canary events by which four of five runs have found it, at 1 % of the traffic, as published for this test. */
  it.each([
    [10, 5],
    [5, 9],
    [3, 16],
    [2, 34],
  ])("%i times: within half as much again of %i canary events", (ratio, published) => {
    const requests = 6000 / ratio;
    const outcomes = playMany({ ...steady, ratio, requests: () => requests }, OPTIONS, 2000);
    const needed = outcomes.map(({ verdict, events }) =>
      verdict === "worse" ? events : Number.POSITIVE_INFINITY,
    );
    expect(quantile(needed, 0.8)).toBeLessThanOrEqual(1.5 * published);
    expect(quantile(needed, 0.8)).toBeGreaterThanOrEqual(published / 1.5);
  });
});

describe("no worse is proven", () => {
  it("wrongly at most as often as stated, of one that is just as much worse as is ruled out", () => {
    const outcomes = playMany({ ...steady, ratio: 2, rate: 0.01 }, { ...OPTIONS, margin: 1.9 });
    const wrong = outcomes.filter(({ verdict }) => verdict === "no-worse").length;
    expect(wrong).toBeLessThanOrEqual(AT_MOST);
  });

  /** Expected canary events by which four of five equal canaries are promoted, as published. */
  it.each([
    [5, 2],
    [3, 6],
    [2, 18],
  ])("of an equal one, ruling out %i times, by about %i events", (noWorseThan, published) => {
    const options = { ...OPTIONS, noWorseThan };
    const random = randomFrom(8);
    const looks = Array.from({ length: RUNS }, () => {
      let test = startRateTest(options);
      for (let look = 0; look < 4000; look += 1) {
        test = addLook(test, lookAt({ ...steady, requests: () => 1200 }, look, random));
        if (test.verdict === "no-worse") return test.canary.total * steady.rate;
      }
      return Number.POSITIVE_INFINITY;
    });
    expect(quantile(looks, 0.8)).toBeLessThanOrEqual(1.5 * published);
  });
});
