/**
 * The quantile `q` (0 to 1) of numbers, between the two nearest ranks as R's type 7 and Prometheus' `quantile_over_time`
 * have it (Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996). Null for no numbers.
 */
export function quantile(q: number, numbers: readonly number[]): number | null {
  const sorted = Float64Array.from(numbers).toSorted();
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (rank - Math.floor(rank));
}
