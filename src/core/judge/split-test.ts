import { addLook, startRateTest, type RateTest } from "./rate-test.ts";

/**
 * Whether requests are split as they were meant to be (a "sample ratio mismatch"), checked at every look. A router or flag
 * that sends more or less to the canary than it says makes every comparison worthless, so a mismatch holds.
 *
 * A request is an event, and the intended shares are the exposure: two rate tests, one for too many and one for too few at
 * the canary, each at half of alpha. Routers are never exact and counts are huge, hence the tolerance.
 */
export interface SplitTest {
  readonly more: RateTest;
  readonly fewer: RateTest;
}

export interface SplitTestOptions {
  readonly alpha: number;
  /** By how many times the odds of the canary may be off, both ways: 1.2. */
  readonly tolerance: number;
  /** Variance over mean of the counts: requests of one user go the same way where the split is by user. */
  readonly designEffect: number;
}

export type SplitVerdict = "as-intended" | "too-many" | "too-few";

/** A check that has seen nothing. Throws on options that make no sense. */
export function startSplitTest({ alpha, tolerance, designEffect }: SplitTestOptions): SplitTest {
  if (!(tolerance >= 1)) throw new RangeError(`tolerance ${tolerance} is below 1`);
  const options = { alpha: alpha / 2, margin: tolerance, noWorseThan: tolerance * 2, designEffect };
  return { more: startRateTest(options), fewer: startRateTest({ ...options }) };
}

/** Adds the requests since the look before. `share` is the part meant for the canary in that time, between 0 and 1. */
export function addSplit(
  test: SplitTest,
  requests: { readonly canary: number; readonly stable: number },
  share: number,
): SplitTest {
  const canary = { events: requests.canary, total: share };
  const stable = { events: requests.stable, total: 1 - share };
  return {
    more: addLook(test.more, { canary, stable }),
    fewer: addLook(test.fewer, { canary: stable, stable: canary }),
  };
}

/** What the check says; the first mismatch stays. */
export function readSplitTest({ more, fewer }: SplitTest): SplitVerdict {
  if (isWorse(more)) return "too-many";
  return isWorse(fewer) ? "too-few" : "as-intended";
}

/** Also where "no worse" was found first: a split that goes wrong later is wrong. */
function isWorse({ peak, options }: RateTest): boolean {
  return peak >= -Math.log(options.alpha);
}
