import * as fc from "fast-check";
import { expect, test } from "vitest";

import { bucketQuantile } from "../../../src/drivers/metrics/bucket-quantile.ts";

function quantile(q: number, buckets: ReadonlyArray<readonly [number, number]>): unknown {
  const found = bucketQuantile(q, new Map(buckets));
  return found.kind === "value" ? found.value : found.kind;
}

test.each([
  // The worked values are those of PromQL for the same buckets.
  [
    0.5,
    [
      [0.1, 10],
      [0.5, 20],
      [Infinity, 20],
    ],
    0.1,
  ],
  [
    0.75,
    [
      [0.1, 10],
      [0.5, 20],
      [Infinity, 20],
    ],
    0.3,
  ],
  [
    0.25,
    [
      [0.1, 10],
      [0.5, 20],
      [Infinity, 20],
    ],
    0.05,
  ],
  [
    0.95,
    [
      [0.1, 10],
      [0.5, 12],
      [Infinity, 20],
    ],
    0.5,
  ],
  [
    0.5,
    [
      [-1, 10],
      [1, 10],
      [Infinity, 10],
    ],
    -1,
  ],
  [
    0.5,
    [
      [1, 0],
      [2, 4],
      [Infinity, 4],
    ],
    1.5,
  ],
  [
    0.9,
    [
      [1, 8],
      [2, 6],
      [3, 10],
      [Infinity, 10],
    ],
    2.5,
  ],
] as Array<[number, Array<[number, number]>, number]>)("q %d of %j is %d", (q, buckets, value) => {
  expect(quantile(q, buckets)).toBeCloseTo(value, 12);
});

test("no observations are inconclusive, buckets that say nothing are errors", () => {
  expect(
    quantile(0.5, [
      [1, 0],
      [Infinity, 0],
    ]),
  ).toBe("inconclusive");
  expect(
    quantile(0.5, [
      [1, Number.NaN],
      [Infinity, Number.NaN],
    ]),
  ).toBe("noData");
  expect(
    quantile(0.5, [
      [1, 3],
      [2, 3],
    ]),
  ).toBe("error");
  expect(quantile(0.5, [[Infinity, 3]])).toBe("error");
  expect(quantile(0.5, [])).toBe("error");
});

test("it lies in the bucket of the true quantile, and rises with q", () => {
  const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5];
  const observation = fc.double({ min: 0.001, max: 5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(observation, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (observations, q) => {
        const counts = new Map<number, number>();
        for (const bound of [...bounds, Infinity])
          counts.set(bound, observations.filter((each) => each <= bound).length);
        const found = bucketQuantile(q, counts);
        if (found.kind !== "value") throw new Error(found.kind);
        const sorted = observations.toSorted((a, b) => a - b);
        const direct = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
        const upper = bounds.find((bound) => direct <= bound) ?? Number.NaN;
        const lower = bounds[bounds.indexOf(upper) - 1] ?? 0;
        expect(found.value).toBeGreaterThanOrEqual(lower);
        expect(found.value).toBeLessThanOrEqual(upper);
        expect(found.count).toBe(observations.length);
        const higher = bucketQuantile(Math.min(0.999, q + 0.005), counts);
        expect(higher.kind === "value" && higher.value).toBeGreaterThanOrEqual(found.value);
      },
    ),
  );
});
