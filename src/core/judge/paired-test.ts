import { bet, evidenceOf, untouched, type Stakes } from "./betting.ts";
import { join, leastMean, LEAST, nothing, type Moments } from "./mean-test.ts";

export interface PairedTestOptions {
  /** How often "more" and "at most" may each be said wrongly, 0 to 0.5. */
  readonly alphaMore: number;
  readonly alphaAtMost: number;
  /** The canary's mean is compared with this many times stable's. */
  readonly factor: number;
  /** The number of windows at which the bounds are tightest. */
  readonly planned: number;
  /** By how many times the mean of many windows varies more than if they were independent; 1 or more. */
  readonly designEffect: number;
  /** Values are at most this, and at least 0, or count as if they were. Makes the rates exact; without it they are approximate. */
  readonly max?: number;
}

/**
 * Whether the canary's mean is more, or less, than `factor` times stable's, by one value of each arm a window. The first proof
 * of either side stays. Both are about the differences `canary - factor · stable`:
 *
 * With a `max` these are bounded, and what is bet on their sign proves it, whatever their distribution. Without one no
 * test of a mean can keep a rate for every distribution (Bahadur & Savage 1956): the one-sided asymptotic confidence
 * sequences hold where the differences are about symmetric, as means of many requests are; heavy tails of one side make
 * them wrong more often than stated.
 */
export interface PairedTest {
  readonly options: PairedTestOptions;
  readonly looks: number;
  /** Sums over the windows of the value of each arm. */
  readonly canary: number;
  readonly stable: number;
  readonly difference: Moments;
  /** The bounds of the mean difference at the last look. */
  readonly least: number;
  readonly greatest: number;
  /** What was bet on "more" and on "at most"; null without a `max`. */
  readonly stakes: { readonly more: Stakes; readonly atMost: Stakes } | null;
  readonly proven: "more" | "at-most" | null;
}

/** A test that has seen nothing. Throws on options that make no sense. */
export function startPairedTest(options: PairedTestOptions): PairedTest {
  for (const alpha of [options.alphaMore, options.alphaAtMost])
    if (!(alpha > 0 && alpha <= 0.5)) throw new RangeError(`alpha ${alpha} is not above 0, to 0.5`);
  if (!(options.designEffect >= 1))
    throw new RangeError(`design effect ${options.designEffect} is below 1`);
  const { max } = options;
  if (max !== undefined && !(max > 0 && Number.isFinite(max)))
    throw new RangeError(`max ${max} is not above 0`);
  return {
    options,
    looks: 0,
    canary: 0,
    stable: 0,
    difference: nothing,
    least: Number.NEGATIVE_INFINITY,
    greatest: Number.POSITIVE_INFINITY,
    stakes: max === undefined ? null : { more: untouched, atMost: untouched },
    proven: null,
  };
}

/** Adds one window: the mean, or any other value, of each arm in it. Windows never overlap. */
export function addPair(
  test: PairedTest,
  { canary, stable }: { readonly canary: number; readonly stable: number },
): PairedTest {
  const { factor, alphaMore, alphaAtMost } = test.options;
  const off = canary - factor * stable;
  const difference = join(test.difference, { n: 1, mean: off, squares: 0 });
  const least = leastMean(difference, { ...test.options, alpha: alphaMore });
  const mirrored = { ...difference, mean: -difference.mean };
  const added = {
    ...test,
    looks: test.looks + 1,
    canary: test.canary + canary,
    stable: test.stable + stable,
    difference,
    least,
    greatest: -leastMean(mirrored, { ...test.options, alpha: alphaAtMost }),
    stakes: stakesAfter(test, { canary, stable }),
  };
  return { ...added, proven: test.proven ?? provenBy(added) };
}

function stakesAfter(
  { options, stakes }: PairedTest,
  { canary, stable }: { readonly canary: number; readonly stable: number },
): PairedTest["stakes"] {
  const { factor, max } = options;
  if (stakes === null || max === undefined) return null;
  const within = (value: number): number => Math.min(max, Math.max(0, value));
  const off = within(canary) - factor * within(stable);
  // Each side by the most that it can lose: stable at the max and the canary at 0, and the other way round.
  return {
    more: bet(stakes.more, Math.max(-1, off / (factor * max))),
    atMost: bet(stakes.atMost, Math.max(-1, -off / max)),
  };
}

function provenBy({ options, stakes, least, greatest }: PairedTest): PairedTest["proven"] {
  if (stakes === null) return least > 0 ? "more" : greatest < 0 ? "at-most" : null;
  const { alphaMore, alphaAtMost, designEffect } = options;
  if (evidenceOf(stakes.more, designEffect) >= -Math.log(alphaMore)) return "more";
  return evidenceOf(stakes.atMost, designEffect) >= -Math.log(alphaAtMost) ? "at-most" : null;
}

/** How sure it is so far, 0 to 1, that the mean is more, or at most, as often as stated; null without a `max`. */
export function surenessOf({
  options,
  stakes,
}: PairedTest): { readonly more: number; readonly atMost: number } | null {
  if (stakes === null) return null;
  const sure = (side: Stakes): number =>
    Math.max(0, 1 - Math.exp(-evidenceOf(side, options.designEffect)));
  return { more: sure(stakes.more), atMost: sure(stakes.atMost) };
}

/** About how many windows it would take in all to settle it, if they go on like this; null where that cannot be said. */
export function windowsToSettle(test: PairedTest): number | null {
  const { difference, options, stakes } = test;
  const { n, mean, squares } = difference;
  if (stakes !== null) return windowsToWin(test, stakes);
  if (n < LEAST) return LEAST;
  if (mean === 0) return null;
  const alpha = mean > 0 ? options.alphaMore : options.alphaAtMost;
  for (let windows = n; windows < n * 1000; windows = Math.ceil(windows * 1.1)) {
    const sample = {
      n: windows,
      mean: Math.abs(mean),
      squares: (squares / (n - 1)) * (windows - 1),
    };
    if (leastMean(sample, { ...options, alpha }) > 0) return windows;
  }
  return null;
}

/** By the stake that has grown the most: its growth a window goes on. */
function windowsToWin(
  { looks, options }: PairedTest,
  { more, atMost }: NonNullable<PairedTest["stakes"]>,
): number | null {
  const needed = (side: Stakes, alpha: number): number => {
    const grown = Math.max(...side) / options.designEffect;
    const wanted = Math.log(side.length) - Math.log(alpha);
    return grown > 0 ? Math.ceil((looks * wanted) / grown) : Number.POSITIVE_INFINITY;
  };
  const windows = Math.min(needed(more, options.alphaMore), needed(atMost, options.alphaAtMost));
  return windows < looks * 1000 ? windows : null;
}
