import type { Counts } from "./rate-test.ts";

/** A bucket of a cumulative histogram: how many observations were at most `le`; the last is at Infinity. */
export interface Bucket {
  readonly le: number;
  readonly count: number;
}

/**
 * The boundary at which a latency is tested: the least one at or above the quantile (0 to 1) of the buckets before the
 * rollout, kept from then on. Asking how many requests are slower than it asks about that quantile, without any sample.
 * Null where the quantile lies beyond the last finite boundary, or nothing was counted.
 */
export function boundaryOf(buckets: readonly Bucket[], quantile: number): number | null {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return null;
  const found = buckets.find(({ count }) => count >= quantile * total);
  return found !== undefined && Number.isFinite(found.le) ? found.le : null;
}

/** The least boundary at or above a stated bound, such as that of an objective; null where there is none but Infinity. */
export function boundaryAt(buckets: readonly Bucket[], bound: number): number | null {
  const found = buckets.find(({ le }) => le >= bound);
  return found !== undefined && Number.isFinite(found.le) ? found.le : null;
}

/**
 * The requests slower than the boundary, as events of the rate test. `buckets` are what was counted since the look before.
 * Null where the boundary is none of theirs: a change of buckets is a gap, not a change of latency.
 */
export function slowerThan(buckets: readonly Bucket[], boundary: number): Counts | null {
  const total = buckets.at(-1)?.count;
  const within = buckets.find(({ le }) => le === boundary)?.count;
  if (total === undefined || within === undefined) return null;
  return { events: total - within, total };
}
