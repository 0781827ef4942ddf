/** Mean and spread of what one arm did: Welford's sums, exact over any number of looks. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly squares: number;
}

export interface MeanTestOptions {
  readonly alpha: number;
  /** How much more than stable's mean the canary's may be, in the unit of the metric; 0 or more. */
  readonly margin: number;
  /** The number of observations of both arms at which the bound is tightest. */
  readonly planned: number;
}

export const nothing: Moments = { n: 0, mean: 0, squares: 0 };

/** Fewer observations than this in an arm say nothing: the bound is an asymptotic one. */
export const LEAST = 20;

/** Joins two sets of observations (Chan, Golub & LeVeque 1983). */
export function join(a: Moments, b: Moments): Moments {
  const n = a.n + b.n;
  if (n === 0) return nothing;
  const gap = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (gap * b.n) / n,
    squares: a.squares + b.squares + (gap * gap * a.n * b.n) / n,
  };
}

/** The moments of n observations from their sum and the sum of their squares, as metric systems give them. */
export function momentsOf(n: number, sum: number, sumOfSquares: number): Moments {
  if (n === 0) return nothing;
  return { n, mean: sum / n, squares: Math.max(0, sumOfSquares - (sum * sum) / n) };
}

/**
 * The least that the canary's mean is above stable's, with confidence 1 - alpha at all looks at once: the one-sided
 * asymptotic confidence sequence of Waudby-Smith et al. (arXiv 2103.06476, equations 134, 155 and 161), as GrowthBook
 * computes it. The canary is worse when this is above the margin. -Infinity while there are too few observations.
 */
export function leastDifference(
  canary: Moments,
  stable: Moments,
  options: Pick<MeanTestOptions, "alpha" | "planned">,
): number {
  const error = standardError(canary, stable);
  if (error === null) return Number.NEGATIVE_INFINITY;
  const total = canary.n + stable.n;
  return canary.mean - stable.mean - error * Math.sqrt(total) * width(total, options);
}

/** The most that it is above: the canary is no worse when this is below the margin. */
export function greatestDifference(
  canary: Moments,
  stable: Moments,
  options: Pick<MeanTestOptions, "alpha" | "planned">,
): number {
  return -leastDifference(stable, canary, options);
}

/**
 * The least that the mean of one sample is, by the same bound: of differences between two arms, one for each window, it needs
 * no spread within the windows, and swings that both arms share fall out.
 */
export function leastMean(
  sample: Moments,
  options: Pick<MeanTestOptions, "alpha" | "planned"> & { readonly designEffect: number },
): number {
  const { n, mean, squares } = sample;
  if (n < LEAST || squares <= 0) return Number.NEGATIVE_INFINITY;
  const deviation = Math.sqrt((options.designEffect * squares) / (n - 1));
  return mean - deviation * width(n, options);
}

function standardError(a: Moments, b: Moments): number | null {
  if (a.n < LEAST || b.n < LEAST) return null;
  const variance = a.squares / (a.n - 1) / a.n + b.squares / (b.n - 1) / b.n;
  return variance > 0 ? Math.sqrt(variance) : null;
}

function width(total: number, { alpha, planned }: { alpha: number; planned: number }): number {
  const log = -2 * Math.log(2 * alpha);
  const tuned = (log + Math.log(log + 1)) / planned;
  const scaled = total * tuned + 1;
  const inside = Math.log1p(Math.sqrt(scaled) / (2 * alpha));
  return Math.sqrt(((2 * scaled) / (total * total * tuned)) * inside);
}
