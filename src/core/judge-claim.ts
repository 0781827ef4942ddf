import { claimOf, type Claim, type Claimed } from "./claim.ts";
import type { Condition } from "./condition.ts";
import { readRateTest, type Counts, type Reading, type RateTest } from "./judge/rate-test.ts";
import { said, type Judged, type JudgeContext, type Truth } from "./judged.ts";
import type { Metric } from "./plan.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/**
 * Judges a comparison with stable by what both arms counted: it holds when it is proven, fails when the opposite is proven,
 * and else nothing is settled yet. Each of the two is wrong at most as often as 1 - confidence, however often one looks.
 * Null for a condition that is no such comparison.
 */
export function judgeClaim(
  condition: MetricCondition,
  metric: Metric,
  { state, owner, clock }: JudgeContext,
  place: string,
): Judged | null {
  const claimed = claimOf(condition, metric);
  if (claimed === null) return null;
  const claim = state.claims[`${owner}#${place}`];
  // A stage that is not settled yet goes on soaking; a trigger that is not settled does not fire.
  const open: Truth = clock === null ? "inconclusive" : "warming";
  if (claim === undefined || (clock !== null && claim.clock !== clock))
    return said(open, `${metric.name}: nothing counted yet to compare with stable`);
  const reading = readRateTest(claim.test);
  const proven = provenBy(reading, claim, claimed, metric);
  const truth = proven === null ? open : proven === claimed.says ? "holds" : "not";
  return {
    truth,
    detail: tell(metric.name, claim.test, reading, claimed, proven),
    since: {},
    seen: claim.until,
  };
}

/** "More" is kept once it was proven; "at most" also wants the least number of samples. */
function provenBy(
  { p, verdict }: Reading,
  { test }: Claim,
  { confidence }: Claimed,
  { minSamples }: Metric,
): Claimed["says"] | null {
  if (p <= 1 - confidence) return "more";
  return verdict === "no-worse" && test.canary.total >= minSamples ? "at-most" : null;
}

function tell(
  name: string,
  test: RateTest,
  reading: Reading,
  { factor, confidence }: Claimed,
  proven: Claimed["says"] | null,
): string {
  const { ratio, lower } = reading;
  const least = lower > 0 ? `, at least ${digits(lower)}x` : "";
  const times = ratio === null ? "nothing to compare yet" : `${shownRatio(ratio)}${least}`;
  const percent = `${digits(100 * confidence)}%`;
  const sure =
    proven === null
      ? `not settled at ${percent}${moreWould(test, reading)}`
      : `proven ${proven === "more" ? "more" : "no more"} than ${digits(factor)}x at ${percent}`;
  return `${name}: canary ${shown(test.canary)}, stable ${shown(test.stable)}: ${times}; ${sure}`;
}

/** About how many requests at the canary are still needed, if it goes on like this. */
function moreWould({ options, canary }: RateTest, { e, eNoWorse }: Reading): string {
  const lead = Math.log(Math.max(e, eNoWorse));
  const missing = -Math.log(options.alpha) / lead - 1;
  if (!(lead > 0.1 && missing > 0)) return "";
  return `, about ${digits(canary.total * missing)} more requests at the canary would`;
}

function shownRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${digits(ratio)}x stable` : "none at stable";
}

/** Sources extrapolate, so that counts are no whole numbers: shown as ones, and the share as that of what is shown. */
function shown(counts: Counts): string {
  const [events, total] = [Math.round(counts.events), Math.round(counts.total)];
  return total === 0 ? "none" : `${events} of ${total} (${digits((100 * events) / total)}%)`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
