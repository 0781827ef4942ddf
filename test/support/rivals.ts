import type { Look } from "../../src/core/judge/rate-test.ts";

/** Says at which look (from 1) a run is rolled back; null when it never is. */
export type Rival = (looks: readonly Look[]) => number | null;

/**
 * Flagger's way: the success rate of each window is compared with a fixed bound, and so many windows below it, counted over
 * the whole run and never reset, roll back (`analysis.threshold`, `thresholdRange.min` of `request-success-rate`).
 */
export function flaggerCounter(bound: number, threshold: number): Rival {
  return (looks) => {
    let failed = 0;
    for (const [at, { canary }] of looks.entries()) {
      if (canary.total > 0 && canary.events / canary.total > bound) failed += 1;
      if (failed >= threshold) return at + 1;
    }
    return null;
  };
}

/** A one-sided z-test of two proportions at 5 %, over everything counted so far, repeated at every look. */
export const fixedLevel: Rival = (looks) => {
  const sum = { a: 0, n: 0, b: 0, m: 0 };
  for (const [at, { canary, stable }] of looks.entries()) {
    sum.a += canary.events;
    sum.n += canary.total;
    sum.b += stable.events;
    sum.m += stable.total;
    const pooled = (sum.a + sum.b) / (sum.n + sum.m);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / sum.n + 1 / sum.m));
    if (error > 0 && (sum.a / sum.n - sum.b / sum.m) / error > 1.6449) return at + 1;
  }
  return null;
};
