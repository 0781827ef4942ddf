import { describe, expect, test } from "vitest";

import { averageE } from "../../src/core/judge/average-e.ts";
import {
  addLook,
  readRateTest,
  startRateTest,
  type Look,
  type RateTestOptions,
} from "../../src/core/judge/rate-test.ts";
import { rivalLines, rivalTable } from "../support/rival-table.ts";
import type { Rival } from "../support/rivals.ts";
import {
  daily,
  lookAt,
  quantile,
  randomFrom,
  staged,
  steady,
  type Service,
} from "../support/simulate.ts";

/** The stated rates at full size: about seven minutes. `CANARY_JUDGE_RUNS` says how many runs each. */
const RUNS = Number(process.env["CANARY_JUDGE_RUNS"] ?? 4000);
const SEED = Number(process.env["CANARY_JUDGE_SEED"] ?? Math.floor(Math.random() * 1e9));
const LOOKS = 480;
const OPTIONS: RateTestOptions = { alpha: 0.05, margin: 1, noWorseThan: 2, designEffect: 1 };

/** The share of runs that a test with this rate stays below with a chance of 99.9 %. */
function atMost(rate: number): number {
  return rate + 3.1 * Math.sqrt((rate * (1 - rate)) / RUNS);
}

function ours(options: RateTestOptions): Rival {
  return (looks) => {
    let run = startRateTest(options);
    for (const [at, look] of looks.entries()) {
      run = addLook(run, look);
      if (run.peak >= -Math.log(options.alpha)) return at + 1;
    }
    return null;
  };
}

function play(service: Service, looks: number, rivals: Readonly<Record<string, Rival>>) {
  const random = randomFrom(SEED);
  const names = Object.keys(rivals);
  const found = new Map(names.map((name) => [name, [] as number[]]));
  for (let run = 0; run < RUNS; run += 1) {
    const seen: Look[] = Array.from({ length: looks }, (_, at) => lookAt(service, at, random));
    for (const [name, rival] of Object.entries(rivals))
      found.get(name)?.push(rival(seen) ?? Number.POSITIVE_INFINITY);
  }
  return found;
}

function part(values: readonly number[] | undefined): number {
  return (values ?? []).filter(Number.isFinite).length / RUNS;
}

describe(`false rollbacks over ${LOOKS} looks, ${RUNS} runs, seed ${SEED}`, () => {
  test.each<[string, Partial<Service>, Partial<RateTestOptions>]>([
    ["1 %", {}, {}],
    ["1 %, at alpha 0.01", {}, { alpha: 0.01 }],
    ["5 %", { share: () => 0.05 }, {}],
    ["50 %", { share: () => 0.5 }, {}],
    ["stages of 1, 5, 25, 50 %", { share: staged(LOOKS) }, {}],
    ["a fourfold daily swing", { requests: daily(6000) }, {}],
    ["a fourfold daily swing in stages", { requests: daily(6000), share: staged(LOOKS) }, {}],
    ["bursts of 2, design effect 2", { burst: 2 }, { designEffect: 2 }],
    ["bursts of 5, design effect 5", { burst: 5 }, { designEffect: 5 }],
    ["one event in ten thousand", { rate: 0.0001 }, {}],
    ["one request in twenty fails", { rate: 0.05 }, {}],
    ["every third request fails", { rate: 0.33, requests: () => 1000 }, {}],
    ["exactly at the margin", { ratio: 1.25 }, { margin: 1.25 }],
  ])("%s", (name, service, options) => {
    const stated = { ...OPTIONS, ...options };
    const found = play({ ...steady, ...service }, LOOKS, { ours: ours(stated) });
    const rate = part(found.get("ours"));
    console.log(`${name}: ${(100 * rate).toFixed(2)} % (stated ${100 * stated.alpha} %)`);
    expect(rate).toBeLessThanOrEqual(atMost(stated.alpha));
  });

  test("five metrics together", () => {
    const random = randomFrom(SEED);
    let wrong = 0;
    for (let run = 0; run < RUNS / 2; run += 1) {
      let tests = Array.from({ length: 5 }, () => startRateTest(OPTIONS));
      for (let look = 0; look < LOOKS; look += 1) {
        tests = tests.map((each) => addLook(each, lookAt(steady, look, random)));
        const logs = tests.map((each) => Math.log(readRateTest(each).e));
        if (averageE(logs, 5) < Math.log(20)) continue;
        wrong += 1;
        break;
      }
    }
    console.log(`five metrics: ${((200 * wrong) / RUNS).toFixed(2)} %`);
    expect((2 * wrong) / RUNS).toBeLessThanOrEqual(atMost(0.05) + 0.005);
  });

  test("no worse, of a canary that is twice as bad", () => {
    const random = randomFrom(SEED);
    let wrong = 0;
    for (let run = 0; run < RUNS; run += 1) {
      let each = startRateTest({ ...OPTIONS, margin: 1.9 });
      for (let look = 0; look < LOOKS && each.verdict === "undecided"; look += 1)
        each = addLook(each, lookAt({ ...steady, ratio: 2, rate: 0.01 }, look, random));
      if (each.verdict === "no-worse") wrong += 1;
    }
    console.log(`promoted although twice as bad: ${((100 * wrong) / RUNS).toFixed(2)} %`);
    expect(wrong / RUNS).toBeLessThanOrEqual(atMost(0.05));
  });
});

describe("detection at 1 % of the traffic: canary events by which four of five runs have found it", () => {
  test.each([
    [10, 5],
    [5, 9],
    [3, 16],
    [2, 34],
  ])("%i times: within half as much again of %i", (ratio, published) => {
    const random = randomFrom(SEED);
    const events = Array.from({ length: RUNS }, () => {
      let each = startRateTest(OPTIONS);
      const service = { ...steady, ratio, requests: () => 6000 / ratio };
      for (let look = 0; look < 3000 && each.verdict === "undecided"; look += 1)
        each = addLook(each, lookAt(service, look, random));
      return each.verdict === "worse" ? each.canary.events : Number.POSITIVE_INFINITY;
    });
    const needed = quantile(events, 0.8);
    console.log(`${ratio} times: ${needed} events (published ${published})`);
    expect(needed).toBeLessThanOrEqual(1.5 * published);
  });
});

describe("beside what others do, over eight hours of looks a minute apart at 1 % of the traffic", () => {
  // Below one request a second, the service of the published comparison with Flagger, and the one of that with a fixed test.
  const levels = [1, 10, 60, 100, 600, 1000];

  test.each(levels.flatMap((requests) => [0.002, 0.005].map((rate) => [requests, rate] as const)))(
    "%i requests of the canary a look, a rate of %f",
    (requests, rate) => {
      const runs = Math.ceil(RUNS / 4);
      const traffic = { requests, rate, looks: LOOKS, runs, seed: SEED };
      const rows = rivalTable(ours(OPTIONS), traffic);
      console.log(rivalLines(traffic, rows).join("\n"));
      const [flagger, fixed, own, best] = rows;
      if (!flagger || !fixed || !own || !best) throw new Error("a row is missing");
      expect(own.healthy).toBeLessThanOrEqual(fixed.healthy / 10 + 3 * Math.sqrt(0.03 / runs));
      for (const ratio of ["five", "ten"] as const) {
        expect(own[ratio].half).toBeLessThanOrEqual(flagger[ratio].half);
        expect(own[ratio].half).toBeLessThanOrEqual(2 * best[ratio].half);
        // Where several events are expected in each look the first is enough, for all of them.
        if (requests * rate >= 2) expect(own[ratio].half).toBe(fixed[ratio].half);
      }
    },
  );
});
