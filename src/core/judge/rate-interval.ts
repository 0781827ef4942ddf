/**
 * The exact interval of Clopper and Pearson (Biometrika 1934) for a rate of which `events` of `total` were seen: both ends
 * hold together with this confidence, 0 to 1.
 */
export function rateInterval(
  events: number,
  total: number,
  confidence: number,
): readonly [low: number, high: number] {
  const tail = (1 - confidence) / 2;
  const low = events === 0 ? 0 : solve((rate) => 1 - below(events - 1, total, rate) >= tail);
  const high = events >= total ? 1 : solve((rate) => below(events, total, rate) <= tail);
  return [low, high];
}

/** The least rate from which on something that grows with it is true. */
function solve(isEnough: (rate: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The chance of at most so many of `total`, each with this rate. */
function below(most: number, total: number, rate: number): number {
  if (rate <= 0) return 1;
  if (rate >= 1) return most >= total ? 1 : 0;
  let log = total * Math.log1p(-rate);
  let sum = Math.exp(log);
  for (let at = 1; at <= most; at += 1) {
    log += Math.log((total - at + 1) / at) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}
