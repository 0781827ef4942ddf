import { describe, expect, it } from "vitest";

import { exposureToProve, smallestProvable, type Question } from "../../../src/core/judge/power.ts";
import { addLook, startRateTest } from "../../../src/core/judge/rate-test.ts";
import { lookAt, quantile, randomFrom, steady } from "../../support/simulate.ts";

const question: Question = {
  alpha: 0.05,
  limit: 1,
  says: "more",
  ratio: 2,
  share: 0.01,
  designEffect: 1,
};

describe("the events that are needed", () => {
  /** Published for this test: canary events at detection, 80 % of runs. */
  it.each([
    [10, 5],
    [5, 9],
    [3, 16],
    [2, 34],
    [1.5, 92],
    [1.2, 515],
  ])("to find %f times: about %i at the canary", (ratio, events) => {
    const found = ratio * exposureToProve({ ...question, ratio });
    expect(found / events).toBeGreaterThan(0.85);
    expect(found / events).toBeLessThan(1.15);
  });

  /** Published: expected canary events when it is equal, 80 % of runs. */
  it.each([
    [5, 2],
    [3, 6],
    [2, 18],
    [1.5, 62],
    [1.25, 247],
  ])("to rule out %f times: about %i at an equal canary", (limit, events) => {
    const found = exposureToProve({ ...question, limit, says: "at-most", ratio: 1 });
    expect(found / events).toBeGreaterThan(0.85);
    expect(found / events).toBeLessThan(1.15);
  });

  it("are those of a simulation at a large share, with a margin and bursts", () => {
    const asked = { ...question, share: 0.3, limit: 1.2, ratio: 3, designEffect: 2 };
    const service = { ...steady, share: () => 0.3, ratio: 3, burst: 2, requests: () => 500 };
    const random = randomFrom(5);
    const options = { alpha: 0.05, margin: 1.2, noWorseThan: 1.2, designEffect: 2 };
    const exposures = Array.from({ length: 200 }, () => {
      let test = startRateTest(options);
      for (let look = 0; look < 2000; look += 1) {
        test = addLook(test, lookAt(service, look, random));
        if (test.verdict === "worse") return test.canary.total * steady.rate;
      }
      return Number.POSITIVE_INFINITY;
    });
    const ratio = exposureToProve(asked) / quantile(exposures, 0.8);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });

  it("are no number that is ever reached for what is not so", () => {
    expect(exposureToProve({ ...question, ratio: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(exposureToProve({ ...question, ratio: 0.5 })).toBe(Number.POSITIVE_INFINITY);
    const worse = { ...question, limit: 2, says: "at-most", ratio: 2 } as const;
    expect(exposureToProve(worse)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what a stage can prove", () => {
  it("is the ratio whose events it expects", () => {
    const found = smallestProvable(question, { requests: 17_400 / 0.01, rate: 0.001 });
    expect(found).toBeGreaterThan(1.9);
    expect(found).toBeLessThan(2.1);
  });

  it("is less with more requests, more confidence costs more, and little traffic proves nothing", () => {
    const at = (requests: number, alpha = 0.05) =>
      smallestProvable({ ...question, alpha }, { requests, rate: 0.001 });
    expect(at(1e7)).toBeLessThan(at(1e6) ?? 0);
    expect(at(1e6, 0.01)).toBeGreaterThan(at(1e6) ?? 0);
    expect(at(100)).toBeNull();
    expect(at(0)).toBeNull();
  });
});
