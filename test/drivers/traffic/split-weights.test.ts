import { assert as check, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";

import { splitWeights } from "../../../src/drivers/traffic/split-weights.ts";

describe("weights of two groups of servers", () => {
  it.each([
    [5, 1, 1, { canary: 5, stable: 95 }],
    [5, 1, 2, { canary: 4, stable: 38 }],
    [0, 1, 2, { canary: 0, stable: 50 }],
    [100, 2, 3, { canary: 50, stable: 0 }],
    [0.5, 1, 1, { canary: 1, stable: 199 }],
    [33, 1, 1, { canary: 33, stable: 67 }],
    [50, 3, 1, { canary: 16, stable: 48 }],
  ])("%f %% over %i and %i", (share, canary, stable, weights) => {
    expect(splitWeights(share, { canary, stable }, 256)).toEqual({ kind: "ok", value: weights });
  });

  it("come to the share, or say which one is possible", () => {
    let refused = 0;
    const counts = integer({ min: 1, max: 30 });
    check(
      property(integer({ min: 0, max: 10_000 }), counts, counts, (part, canary, stable) => {
        const share = part / 100;
        const answer = splitWeights(share, { canary, stable }, 256);
        if (answer.kind !== "ok") {
          refused += 1;
          const use = Number(/use ([\d.]+) %$/.exec(answer.why)?.[1]);
          expect(splitWeights(use, { canary, stable }, 256).kind).toBe("ok");
          return;
        }
        const { value } = answer;
        expect(Number.isInteger(value.canary) && Number.isInteger(value.stable)).toBe(true);
        expect(Math.max(value.canary, value.stable)).toBeLessThanOrEqual(256);
        const all = value.canary * canary + value.stable * stable;
        const got = (100 * value.canary * canary) / all;
        const side = Math.min(share, 100 - share);
        expect(Math.abs(got - share)).toBeLessThanOrEqual(side * 0.011 + 1e-9);
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(10);
  });
});
