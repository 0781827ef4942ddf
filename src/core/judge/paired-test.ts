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
}

/**
 * Whether the canary's mean is more, or less, than `factor` times stable's, by one value of each arm a window: of the
 * differences `canary - factor · stable` the one-sided asymptotic confidence sequences are kept, valid at all looks together.
 * They hold where the differences are about symmetric, as means of many requests are; heavy tails of stable's side make
 * them optimistic. The first proof of either side stays.
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
  readonly proven: "more" | "at-most" | null;
}

/** A test that has seen nothing. Throws on options that make no sense. */
export function startPairedTest(options: PairedTestOptions): PairedTest {
  for (const alpha of [options.alphaMore, options.alphaAtMost])
    if (!(alpha > 0 && alpha <= 0.5)) throw new RangeError(`alpha ${alpha} is not above 0, to 0.5`);
  if (!(options.designEffect >= 1))
    throw new RangeError(`design effect ${options.designEffect} is below 1`);
  return {
    options,
    looks: 0,
    canary: 0,
    stable: 0,
    difference: nothing,
    least: Number.NEGATIVE_INFINITY,
    greatest: Number.POSITIVE_INFINITY,
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
  const greatest = -leastMean(mirrored, { ...test.options, alpha: alphaAtMost });
  const now = least > 0 ? "more" : greatest < 0 ? "at-most" : null;
  return {
    ...test,
    looks: test.looks + 1,
    canary: test.canary + canary,
    stable: test.stable + stable,
    difference,
    least,
    greatest,
    proven: test.proven ?? now,
  };
}

/** About how many windows it would take in all to settle it, if they go on like this; null where that cannot be said. */
export function windowsToSettle({ difference, options }: PairedTest): number | null {
  const { n, mean, squares } = difference;
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
