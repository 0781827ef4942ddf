import type { Condition } from "./condition.ts";
import type { RateTest } from "./judge/rate-test.ts";
import type { Metric } from "./plan.ts";
import type { Millis, MonoTime } from "./units.ts";

/** What was counted so far about one condition that compares the canary with stable at a stated confidence. */
export interface Claim {
  readonly test: RateTest;
  /** The stage clock that it belongs to: a gate is judged on its own stage's traffic only. */
  readonly clock: MonoTime;
  /** The end of the last window that was counted: the next begins here or later, so that nothing is counted twice. */
  readonly until: MonoTime;
}

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/** What a condition claims: that the canary's rate is at most, or that it is more than, so many times stable's. */
export interface Claimed {
  readonly factor: number;
  readonly confidence: number;
  readonly says: "at-most" | "more";
}

/**
 * The claim of a condition that evidence settles, such as `error_rate <= 1.1x stable` on a metric with a confidence; null
 * for every other condition, which compares one value with one limit.
 */
export function claimOf({ limit, operator }: MetricCondition, metric: Metric): Claimed | null {
  const { confidence } = metric;
  if (confidence === undefined || limit.kind !== "relative" || limit.to !== "stable") return null;
  if (operator === "==" || operator === "!=") return null;
  const says = operator === "<" || operator === "<=" ? "at-most" : "more";
  return { factor: limit.factor, confidence, says };
}

/** How far back one answer looks; 0 where it looks back to the start of the stage or rollout. */
export function windowOf({ over }: MetricCondition, metric: Metric): Millis {
  if (over === null) return metric.window;
  return over.kind === "window" ? over.ms : 0;
}
