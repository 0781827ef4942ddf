/** A quantile of a histogram, or why it has none. */
export type BucketQuantile =
  | { readonly kind: "value"; readonly value: number; readonly count: number }
  | { readonly kind: "inconclusive"; readonly why: string }
  | { readonly kind: "noData"; readonly why: string }
  | { readonly kind: "error"; readonly why: string };

/**
 * The `q`-quantile (0 to 1) of a classic histogram, from the observations per upper bound (`le`, cumulative), by the rule
 * of PromQL's `histogram_quantile` (prometheus/promql/quantile.go, `BucketQuantile`): the bucket in which the rank
 * `q * count` falls is taken as evenly filled and interpolated linearly; the first bucket begins at 0, unless its bound is
 * not above 0, which is then the answer; a rank in the last bucket (+Inf) gives the highest finite bound, because nothing
 * is known above it. Counts that fall from one bound to the next come from buckets read at different moments and are
 * raised to the one before.
 */
export function bucketQuantile(q: number, counts: ReadonlyMap<number, number>): BucketQuantile {
  const buckets = [...counts].toSorted(([a], [b]) => a - b);
  if (buckets.at(-1)?.[0] !== Infinity)
    return { kind: "error", why: 'the histogram has no bucket with le="+Inf"' };
  if (buckets.length < 2) return { kind: "error", why: "the histogram has no finite bucket" };
  let floor = 0;
  const rising = buckets.map(([bound, count]) => {
    floor = Math.max(floor, count);
    return { bound, count: floor };
  });
  if (!Number.isFinite(floor)) return { kind: "noData", why: "the histogram's counts are NaN" };
  if (floor === 0) return { kind: "inconclusive", why: "the histogram has no observations" };
  const rank = q * floor;
  const index = rising.findIndex(({ count }) => count >= rank);
  const here = rising[index];
  const before = rising[index - 1];
  if (here === undefined || here.bound === Infinity)
    return { kind: "value", value: rising.at(-2)?.bound ?? 0, count: floor };
  if (before === undefined && here.bound <= 0)
    return { kind: "value", value: here.bound, count: floor };
  const start = before?.bound ?? 0;
  const below = before?.count ?? 0;
  const inside = here.count - below;
  // Only a rank of 0 in an empty first bucket has nothing inside.
  const share = inside === 0 ? 0 : (rank - below) / inside;
  return { kind: "value", value: start + (here.bound - start) * share, count: floor };
}
