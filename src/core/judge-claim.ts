import { describeClaim } from "./claim-detail.ts";
import { familyOf, countGateClaims } from "./claim-family.ts";
import { claimOf, type Claim, type Claimed } from "./claim.ts";
import type { Condition } from "./condition.ts";
import type { RateTest } from "./judge/rate-test.ts";
import { said, type Judged, type JudgeContext, type Truth } from "./judged.ts";
import type { Metric } from "./plan.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/**
 * Judges a comparison with stable by what both arms did: it holds when it is proven, fails when the opposite is proven,
 * and else nothing is settled yet. Each of the two is wrong at most as often as 1 - confidence, however often one looks:
 * alarms of all triggers that do the same together, and red gates of all stages together.
 * Null for a condition that is no such comparison.
 */
export function judgeClaim(
  condition: MetricCondition,
  metric: Metric,
  context: JudgeContext,
  place: string,
): Judged | null {
  const { state, owner, clock } = context;
  const claimed = claimOf(condition, metric);
  if (claimed === null) return null;
  const claim = state.claims[`${owner}#${place}`];
  // A stage that is not settled yet goes on soaking; a trigger that is not settled does not fire.
  const open: Truth = clock === null ? "inconclusive" : "warming";
  if (claim === undefined || (clock !== null && claim.clock !== clock))
    return said(open, `${metric.name}: nothing counted yet to compare with stable`);
  const proven = provenBy(claim, claimed, metric, context);
  const truth = proven === null ? open : proven === claimed.says ? "holds" : "not";
  return {
    truth,
    detail: describeClaim({ metric, claim, claimed, proven }),
    since: {},
    seen: claim.until,
  };
}

/** "More" is kept once it was proven; "at most" also wants the least number of samples. */
function provenBy(
  claim: Claim,
  claimed: Claimed,
  metric: Metric,
  context: JudgeContext,
): Claimed["says"] | null {
  const proven =
    claim.kind === "means"
      ? claim.test.proven
      : provenByCounts(claim.test, claimed, metric, context);
  // What fires an alarm also has to be beyond chance among all that could fire the same one.
  return proven === claimed.says && !isFamilyReady(claim, context) ? null : proven;
}

function provenByCounts(
  { peak, verdict, logNoWorse, canary }: RateTest,
  { says, confidence }: Claimed,
  { minSamples }: Metric,
  { plan, clock }: JudgeContext,
): Claimed["says"] | null {
  const bar = -Math.log(1 - confidence);
  // The red gates of a rollout share their false alarms.
  const red = clock === null ? bar : bar + Math.log(Math.max(1, countGateClaims(plan)));
  if (peak >= (says === "more" ? bar : red)) return "more";
  const isAtMost = verdict === "no-worse" && canary.total >= minSamples;
  return isAtMost && (says === "at-most" || logNoWorse >= red) ? "at-most" : null;
}

/** Means took their part of alpha for themselves. */
function isFamilyReady({ kind }: Claim, { plan, state, owner }: JudgeContext): boolean {
  const trigger = plan.triggers.find(({ id }) => owner === `trigger:${id}`);
  if (kind === "means" || trigger === undefined) return true;
  return familyOf(plan, trigger.does).members.length <= 1 || state.proven.includes(trigger.does);
}
