/** ln of the mean of exp(x) over all x, without overflow; -Infinity for a list of -Infinity. Throws on an empty list. */
export function logMeanExp(logs: readonly number[]): number {
  if (logs.length === 0) throw new RangeError("the mean of nothing");
  return logSumExp(logs) - Math.log(logs.length);
}

/** ln of the sum of exp(x) over all x, without overflow; -Infinity for a list of -Infinity, and an empty one. */
export function logSumExp(logs: readonly number[]): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > most) most = log;
  if (!Number.isFinite(most)) return most;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - most);
  return most + Math.log(sum);
}
