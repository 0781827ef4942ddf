import { NO_WORSE, WORSE } from "./alternatives.ts";

/** What is to be proven by the rate test, and of what. Rates are per request; ratios are canary over stable. */
export interface Question {
  readonly alpha: number;
  /** The ratio that is to be proven exceeded (`more`) or not reached (`at-most`). */
  readonly limit: number;
  readonly says: "more" | "at-most";
  /** The true ratio. */
  readonly ratio: number;
  /** The canary's share of the traffic, between 0 and 1. */
  readonly share: number;
  readonly designEffect: number;
}

/** Four of five runs are settled: the 80th percentile of the standard normal. */
const Z = 0.8416;

/**
 * The exposure after which four of five runs have proven it, as the number of events that the canary would have by then if
 * it were like stable: divided by stable's rate it is the requests of the canary. Infinity when it is not so, or so close
 * that no alternative of the test tells them apart.
 *
 * For one alternative the log-likelihood ratio after an exposure u has a mean u·m and a variance u·v, of two Poisson counts;
 * u·m - z·√(u·v) = ln(1/alpha) gives u. The best alternative stands for their mean. Within 15 % of the simulations in
 * `test/core/judge/power.test.ts`, from 1.2 to 10 times.
 */
export function exposureToProve(question: Question): number {
  const { limit, says, alpha, designEffect } = question;
  const alternatives = says === "more" ? WORSE : NO_WORSE;
  const exposures = alternatives.map(({ times, part }) => {
    const other = says === "more" ? limit * times : limit / times;
    const needed = -Math.log(alpha * part * alternatives.length) * designEffect;
    const { mean, variance } = growth(question, other);
    if (mean <= 0) return Number.POSITIVE_INFINITY;
    const spread = Z * Math.sqrt(variance * designEffect);
    const root = (spread + Math.sqrt(spread * spread + 4 * mean * needed)) / (2 * mean);
    return root * root;
  });
  return Math.min(...exposures);
}

/** Mean and variance of the log-likelihood ratio of another ratio against the limit, per unit of exposure. */
function growth(
  { limit, ratio, share }: Question,
  other: number,
): { readonly mean: number; readonly variance: number } {
  // What one event adds: one of the canary, and one of stable.
  const apart = Math.log1p(share * (other - 1)) - Math.log1p(share * (limit - 1));
  const atCanary = Math.log(other / limit) - apart;
  const [canary, stable] = [ratio, (1 - share) / share];
  return {
    mean: canary * atCanary - stable * apart,
    variance: canary * atCanary * atCanary + stable * apart * apart,
  };
}

/** What a stage can expect to count. */
export interface Expected {
  /** Requests of both arms in it. */
  readonly requests: number;
  /** Stable's rate of events per request, 0 to 1. */
  readonly rate: number;
}

/**
 * The smallest ratio that four of five stages of this size prove to be more than the limit, to three digits; null when not
 * even a hundred times the limit is.
 */
export function smallestProvable(
  question: Omit<Question, "ratio" | "says">,
  { requests, rate }: Expected,
): number | null {
  const exposure = requests * question.share * rate;
  const isProven = (ratio: number): boolean =>
    exposureToProve({ ...question, ratio, says: "more" }) <= exposure;
  let [low, high] = [question.limit, question.limit * 100];
  if (!isProven(high)) return null;
  while (high / low > 1.0005) {
    const middle = Math.sqrt(low * high);
    if (isProven(middle)) high = middle;
    else low = middle;
  }
  return Number(high.toPrecision(3));
}
