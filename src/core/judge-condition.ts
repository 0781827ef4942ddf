import type { Condition, Limit, Operator } from "./condition.ts";
import { measurementKey } from "./measurements.ts";
import type { Metric, Plan } from "./plan.ts";
import type { Outcome } from "./sample.ts";
import { showValue } from "./show-value.ts";
import type { Measured, State } from "./state.ts";
import type { Millis, MonoTime } from "./units.ts";

/** Whether a condition's text holds, or why that cannot be said. */
export type Truth =
  | "holds"
  | "not"
  | "inconclusive"
  | "warming"
  | "waiting"
  | "noData"
  | "stale"
  | "error";

export interface Judged {
  readonly truth: Truth;
  /** The figures behind it, for people: `p95 = 0.212 s`. */
  readonly detail: string;
  /** Since when the parts with `for` have held, by place; replaces what was known. */
  readonly since: Readonly<Record<string, MonoTime>>;
}

export interface JudgeContext {
  readonly plan: Plan;
  readonly state: State;
  readonly now: MonoTime;
  /** Whose condition it is: keys the memory of `for`. */
  readonly owner: string;
  /** A gate's samples count from here + the metric's window; null for triggers, which are judged from the first tick. */
  readonly clock: MonoTime | null;
}

/** Judges a condition on the latest samples and check results. Pure. */
export function judgeCondition(condition: Condition, context: JudgeContext, place = "0"): Judged {
  switch (condition.kind) {
    case "metric":
      return judgeMetric(condition, context, place);
    case "check":
      return judgeCheck(condition, context);
    case "confirmed": {
      const word = context.state.confirmations[condition.check];
      const truth: Truth = word === undefined ? "waiting" : word.yes ? "holds" : "not";
      return {
        truth,
        detail:
          word === undefined
            ? `${condition.check} is not confirmed`
            : `${condition.check} by ${word.by}`,
        since: {},
      };
    }
    case "all":
    case "any": {
      const parts = condition.of.map((part, index) =>
        judgeCondition(part, context, `${place}.${index}`),
      );
      const since = Object.assign(
        Object.create(null) as Record<string, MonoTime>,
        ...parts.map((part) => part.since),
      ) as Record<string, MonoTime>;
      const joined = join(condition.kind, parts);
      return withFor({ ...joined, since: { ...since } }, condition.for, context, place);
    }
  }
}

/** What a truth means for a gate: it must hold to pass. */
export function gateOutcome(truth: Truth): Outcome | "warming" | "waiting" {
  return truth === "holds" ? "pass" : truth === "not" ? "fail" : truth;
}

/** What a truth means for a trigger: it fires when it holds. A trigger without samples, or waiting, is not blind. */
export function triggerOutcome(truth: Truth): Outcome {
  if (truth === "holds") return "fail";
  if (truth === "not") return "pass";
  return truth === "warming" || truth === "waiting" ? "inconclusive" : truth;
}

type MetricCondition = Extract<Condition, { kind: "metric" }>;

function judgeMetric(condition: MetricCondition, context: JudgeContext, place: string): Judged {
  const { clock, now, state } = context;
  const metric = metricOf(condition, context);
  // Until the clock + the range of the query, a sample still contains what happened before: it counts neither way.
  const window = windowOf(condition, metric);
  const measured = state.samples[measurementKey(condition.metric, condition.over)];
  if (clock !== null && now < clock + window)
    return said("warming", `${condition.metric}: the window of ${window} ms is not over`);
  if (measured === undefined || (clock !== null && measured.at <= clock))
    return said(
      clock === null ? "inconclusive" : "warming",
      `${condition.metric}: not measured yet`,
    );
  const why = whyNot(measured, metric, context);
  if (why !== null) return keepFor(why, context, place);
  const { sample } = measured;
  const limit = resolveLimit(condition, metric, context);
  if (sample.kind !== "value" || limit === null)
    return keepFor(
      said(
        "noData",
        `${condition.metric}: there is no ${referenceOf(condition.limit)} to compare with`,
      ),
      context,
      place,
    );
  const holds = compare(sample.value, condition.operator, limit);
  const show = (value: number | boolean): string => showValue(value, metric.unit);
  const detail = `${condition.metric} = ${show(sample.value)} (${condition.operator} ${show(limit)})`;
  // It has held from its first sample to its latest, not to this moment: time without a look is not evidence.
  return withFor(
    said(holds ? "holds" : "not", detail),
    condition.for,
    { ...context, now: measured.at },
    place,
  );
}

/** Why a sample says nothing about its condition; null when it does. */
function whyNot(
  measured: Measured,
  metric: Metric,
  { plan, state, now }: JudgeContext,
): Judged | null {
  const { sample } = measured;
  if (sample.kind !== "value") return said(sample.kind, `${metric.name}: ${sample.why}`);
  if (metric.minSamples > 0 && (sample.samples ?? 0) < metric.minSamples)
    return said(
      "inconclusive",
      `${metric.name}: ${sample.samples ?? 0} of ${metric.minSamples} samples`,
    );
  // The driver saw to its age when it came. Since then a source that hangs may have kept its next one from coming.
  const interval = Math.max(plan.interval, plan.stages[state.stage]?.interval ?? 0);
  const age = now - measured.at;
  return age > metric.maxAge + metric.timeout + interval
    ? said("stale", `${metric.name}: no answer for ${age} ms`)
    : null;
}

function said(truth: Truth, detail: string): Judged {
  return { truth, detail, since: {} };
}

function metricOf(condition: MetricCondition, { plan }: JudgeContext): Metric {
  const metric = plan.metrics[condition.metric];
  if (metric === undefined) throw new Error(`condition on the unknown metric ${condition.metric}`);
  return metric;
}

function windowOf({ over }: MetricCondition, metric: Metric): Millis {
  if (over === null) return metric.window;
  return over.kind === "window" ? over.ms : 0;
}

function judgeCheck(
  condition: Extract<Condition, { kind: "check" }>,
  context: JudgeContext,
): Judged {
  const record = context.state.checks[condition.check];
  if (record === undefined || (context.clock !== null && record.at < context.clock)) {
    // A gate's check without an interval is asked once, at the end of the soak: until then it is not its turn.
    const isOnce =
      context.clock !== null && context.plan.checks[condition.check]?.interval === null;
    const truth = isOnce ? "waiting" : "inconclusive";
    return { truth, detail: `${condition.check} has not run yet`, since: {} };
  }
  const detail = `${condition.check}: ${record.detail}`;
  if (record.result === "error") return { truth: "error", detail, since: {} };
  const wanted = condition.wants === "passes" ? "pass" : "fail";
  return { truth: record.result === wanted ? "holds" : "not", detail, since: {} };
}

/** A passing sample resets `for`; a blind one neither resets nor completes it. */
function withFor(judged: Judged, span: number, context: JudgeContext, place: string): Judged {
  if (span === 0) return judged;
  const key = `${context.owner}#${place}`;
  if (judged.truth === "not") return judged;
  if (judged.truth !== "holds") return keepFor(judged, context, place);
  const began = context.state.since[key] ?? context.now;
  const since = { ...judged.since, [key]: began };
  if (context.now - began >= span) return { ...judged, since };
  // A gate with `for` is not red while its time runs; a trigger has not fired yet.
  return {
    truth: context.clock === null ? "not" : "warming",
    detail: `${judged.detail}, for ${context.now - began} of ${span} ms`,
    since,
  };
}

function keepFor(judged: Judged, context: JudgeContext, place: string): Judged {
  const key = `${context.owner}#${place}`;
  const began = context.state.since[key];
  return began === undefined ? judged : { ...judged, since: { ...judged.since, [key]: began } };
}

const ANY_ORDER: readonly Truth[] = [
  "holds",
  "error",
  "stale",
  "noData",
  "inconclusive",
  "waiting",
  "warming",
  "not",
];
const ALL_ORDER: readonly Truth[] = [
  "not",
  "error",
  "stale",
  "noData",
  "inconclusive",
  "waiting",
  "warming",
  "holds",
];

function join(kind: "all" | "any", parts: readonly Judged[]): Judged {
  for (const truth of kind === "any" ? ANY_ORDER : ALL_ORDER) {
    const part = parts.find((candidate) => candidate.truth === truth);
    if (part !== undefined) return part;
  }
  return { truth: "noData", detail: "the condition is empty", since: {} };
}

function resolveLimit(
  condition: MetricCondition,
  metric: Metric,
  context: JudgeContext,
): number | boolean | null {
  const { limit } = condition;
  if (limit.kind === "number" || limit.kind === "bool") return limit.value;
  const reference =
    limit.to === "baseline"
      ? (metric.baseline ?? context.state.baseline[metric.name])
      : stableValue(condition, metric, context);
  if (reference === undefined) return null;
  return limit.kind === "relative" ? reference * limit.factor : reference + limit.add;
}

function referenceOf(limit: Limit): string {
  return limit.kind === "relative" || limit.kind === "offset" ? limit.to : "value";
}

/** The stable arm's value of the same question; it is judged as strictly as the canary's own. */
function stableValue(
  condition: MetricCondition,
  metric: Metric,
  context: JudgeContext,
): number | undefined {
  const measured = context.state.samples[measurementKey(metric.name, condition.over, "stable")];
  if (measured === undefined || (context.clock !== null && measured.at <= context.clock))
    return undefined;
  if (whyNot(measured, metric, context) !== null) return undefined;
  const { sample } = measured;
  return sample.kind === "value" && typeof sample.value === "number" ? sample.value : undefined;
}

/** Compares as the condition language does; a boolean equals only a boolean. */
export function compare(
  value: number | boolean,
  operator: Operator,
  limit: number | boolean,
): boolean {
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
  }
}
