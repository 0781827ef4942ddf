import { describe, expect, it } from "vitest";

import { counterDifference } from "../../../src/core/judge/counter-difference.ts";
import { boundaryAt, boundaryOf, slowerThan } from "../../../src/core/judge/exceedance.ts";

const INF = Number.POSITIVE_INFINITY;
const buckets = [
  { le: 0.1, count: 50 },
  { le: 0.2, count: 90 },
  { le: 0.4, count: 99 },
  { le: INF, count: 100 },
];

describe("a latency is tested at a boundary of its histogram", () => {
  it.each([
    [0.5, 0.1],
    [0.51, 0.2],
    [0.9, 0.2],
    [0.95, 0.4],
    [0.99, 0.4],
    [0.995, null],
  ])("that of the quantile %f is %s", (quantile, boundary) => {
    expect(boundaryOf(buckets, quantile)).toBe(boundary);
  });

  it("that of a stated bound is the next at or above it", () => {
    expect([0.2, 0.25, 0.4, 0.5].map((bound) => boundaryAt(buckets, bound))).toEqual([
      0.2,
      0.4,
      0.4,
      null,
    ]);
  });

  it("is not guessed where nothing was counted", () => {
    expect(boundaryOf([], 0.95)).toBeNull();
    expect(boundaryOf([{ le: INF, count: 0 }], 0.95)).toBeNull();
    expect(boundaryAt([], 0.2)).toBeNull();
  });

  it("counts what is slower, and nothing where the buckets are others", () => {
    expect(slowerThan(buckets, 0.2)).toEqual({ events: 10, total: 100 });
    expect(slowerThan(buckets, 0.3)).toBeNull();
    expect(slowerThan([], 0.2)).toBeNull();
  });
});

describe("what counters counted between two polls", () => {
  it("is their difference", () => {
    expect(counterDifference([5, 100], [7, 130])).toEqual([2, 30]);
    expect(counterDifference([5, 100], [5, 100])).toEqual([0, 0]);
  });

  it.each([
    ["the first poll", null, [1]],
    ["a reset", [5, 100], [0, 3]],
    ["a reset of one of them", [5, 100], [4, 130]],
    ["a counter that came or went", [5], [5, 1]],
    ["no number", [5], [Number.NaN]],
  ])("is a gap at %s", (_, before, now) => {
    expect(counterDifference(before, now)).toBeNull();
  });
});
