import { claimOf, windowOf } from "./claim.ts";
import { compare } from "./compare.ts";
import type { Condition } from "./condition.ts";
import { heldFor, keepClock } from "./held-for.ts";
import { isOfStage } from "./is-of-stage.ts";
import { judgeClaim } from "./judge-claim.ts";
import { said, type Judged, type JudgeContext } from "./judged.ts";
import { measurementKey, measurementsOf } from "./measurements.ts";
import type { Metric } from "./plan.ts";
import { showValue } from "./show-value.ts";
import { askedAt, type Measured } from "./state.ts";
import type { MonoTime } from "./units.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/** A value that can be compared, or why there is none. */
type Known =
  | { readonly kind: "known"; readonly value: number | boolean }
  | { readonly kind: "not"; readonly why: Judged };

/** Judges a condition on the latest sample of its metric and, where its limit is relative, of what it is compared with. */
export function judgeMetric(
  condition: MetricCondition,
  context: JudgeContext,
  place: string,
): Judged {
  const { clock, now, state } = context;
  const metric = metricOf(condition, context);
  // Until the clock + the range of the query, a sample still contains what happened before: it counts neither way.
  const window = windowOf(condition, metric);
  const measured = state.samples[measurementKey(condition.metric, condition.over)];
  if (clock !== null && now < clock + window)
    return said("warming", `${condition.metric}: the window of ${window} ms is not over`);
  if (measured === undefined || (clock !== null && measured.at <= clock))
    return notYet(condition.metric, clock);
  const isClaim = claimOf(condition, metric) !== null;
  const value = valueOf(measured, metric, context, { isClaim, name: metric.name });
  if (value.kind === "not") return keepClock(value.why, context, place);
  const limit = limitOf(condition, metric, context, isClaim);
  if (limit.kind === "not") return keepClock(limit.why, context, place);
  const early = observedTooEarly(condition, metric, context);
  if (early !== null) return keepClock(early, context, place);
  const settled = judgeClaim(condition, metric, context, place);
  if (settled !== null) return heldFor(settled, condition.for, context, place);
  const show = (shown: number | boolean): string => showValue(shown, metric.unit);
  const judged: Judged = {
    truth: compare(value.value, condition.operator, limit.value) ? "holds" : "not",
    // Judged at every fact, and told only when something changes: the text is written when it is read.
    get detail() {
      return `${condition.metric} = ${show(value.value)} (${condition.operator} ${show(limit.value)})${findsOf(measured)}`;
    },
    since: {},
    seen: askedAt(measured),
  };
  return heldFor(judged, condition.for, context, place);
}

/** How many finds are told; all of them are in the journal. */
const MOST_FINDS = 3;

/** What a source says that it counted: which alerts fire, where personal data stands. */
function findsOf({ sample }: Measured): string {
  const finds = sample.kind === "value" ? (sample.finds ?? []) : [];
  if (finds.length === 0) return "";
  const more = finds.length > MOST_FINDS ? `, and ${finds.length - MOST_FINDS} more` : "";
  return `: ${finds.slice(0, MOST_FINDS).join(", ")}${more}`;
}

/** The value of a sample, or why it says nothing about its condition. */
function valueOf(
  measured: Measured,
  metric: Metric,
  { plan, state, now, clock }: JudgeContext,
  { isClaim, name }: { readonly isClaim: boolean; readonly name: string },
): Known {
  const { sample } = measured;
  if (sample.kind !== "value") return not(said(sample.kind, `${name}: ${sample.why}`));
  const samples = sample.samples ?? 0;
  if (isClaim && metric.compares !== "means" && sample.samples === null)
    return not(
      said("error", `${name}: nothing counts its samples, so no confidence can be stated`),
    );
  // Evidence is counted over many windows: what a single one needs at least is asked of their sum.
  if (!isClaim && metric.minSamples > 0 && samples < metric.minSamples)
    return not(said("inconclusive", `${name}: ${samples} of ${metric.minSamples} samples`));
  // The driver saw to its age when it came. Since then a source that hangs may have kept its next one from coming.
  const interval = Math.max(plan.interval, plan.stages[state.stage]?.interval ?? 0);
  const age = now - measured.at;
  if (age > metric.maxAge + metric.timeout + interval)
    return not(said("stale", `${name}: no answer for ${age} ms`));
  // A gate's soak does not go on while its next answer is overdue: what passes must have been looked at until then.
  const asked = state.phase.kind === "verifying" ? plan.rollback.verify : plan.stages[state.stage];
  const overdue = 3 * (asked?.interval ?? plan.interval);
  return clock !== null && age > overdue
    ? not(said("inconclusive", `${name}: its next answer is overdue, the last is ${age} ms old`))
    : { kind: "known", value: sample.value };
}

/** It cannot pass a gate, however green; whether it is too old altogether is for `maxAge` to say. */
function observedTooEarly(
  condition: MetricCondition,
  metric: Metric,
  { clock, now, state }: JudgeContext,
): Judged | null {
  if (clock === null) return null;
  const window = windowOf(condition, metric);
  for (const { key } of measurementsOf(condition)) {
    const measured = state.samples[key];
    if (measured?.observed === undefined || isOfStage(measured, clock, window)) continue;
    const age = now - measured.observed;
    return said(
      "warming",
      `${metric.name}: its source has seen nothing newer for ${age} ms, which tells too little of this stage`,
    );
  }
  return null;
}

/** Nobody has answered yet, which is no blindness: what answers late says so itself. */
function notYet(name: string, clock: MonoTime | null): Judged {
  return said(clock === null ? "inconclusive" : "warming", `${name}: not measured yet`);
}

function not(why: Judged): Known {
  return { kind: "not", why };
}

function metricOf(condition: MetricCondition, { plan }: JudgeContext): Metric {
  const metric = plan.metrics[condition.metric];
  if (metric === undefined) throw new Error(`condition on the unknown metric ${condition.metric}`);
  return metric;
}

function limitOf(
  condition: MetricCondition,
  metric: Metric,
  context: JudgeContext,
  isClaim: boolean,
): Known {
  const { limit } = condition;
  if (limit.kind === "number" || limit.kind === "bool")
    return { kind: "known", value: limit.value };
  const reference =
    limit.to === "baseline"
      ? baselineOf(metric, context)
      : stableOf(condition, metric, context, isClaim);
  if (reference.kind === "not") return reference;
  if (typeof reference.value === "boolean")
    return not(said("noData", `${metric.name}: its ${limit.to} is no number`));
  const value =
    limit.kind === "relative" ? reference.value * limit.factor : reference.value + limit.add;
  return { kind: "known", value };
}

function baselineOf(metric: Metric, { state }: JudgeContext): Known {
  const value = metric.baseline ?? state.baseline[metric.name];
  return value === undefined
    ? not(said("noData", `${metric.name}: there is no baseline to compare with`))
    : { kind: "known", value };
}

/** The stable arm's value of the same question; it is judged as strictly as the canary's own. */
function stableOf(
  condition: MetricCondition,
  metric: Metric,
  context: JudgeContext,
  isClaim: boolean,
): Known {
  const { clock, state } = context;
  const measured = state.samples[measurementKey(metric.name, condition.over, "stable")];
  const name = `the stable arm of ${metric.name}`;
  if (measured === undefined || (clock !== null && measured.at <= clock))
    return not(notYet(name, clock));
  return valueOf(measured, metric, context, { isClaim, name });
}
