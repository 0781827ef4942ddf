/**
 * What a counter counted between two polls, so that no event is ever fed to a test twice. Null where that cannot be said:
 * before the second poll, and after a reset, which is a gap. Takes one counter, or the counters of one process that are
 * reset together: one of them that fell makes all a gap.
 */
export function counterDifference(
  before: readonly number[] | null,
  now: readonly number[],
): readonly number[] | null {
  if (before === null || before.length !== now.length) return null;
  const differences = now.map((value, at) => value - (before[at] ?? Number.NaN));
  return differences.every((difference) => difference >= 0) ? differences : null;
}
