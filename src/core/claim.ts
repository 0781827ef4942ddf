import type { Condition } from "./condition.ts";
import type { LastCounted } from "./counted-pair.ts";
import type { PairedTest } from "./judge/paired-test.ts";
import type { RateTest } from "./judge/rate-test.ts";
import type { Metric } from "./plan.ts";
import type { Millis, MonoTime } from "./units.ts";

/** What was seen so far about one condition that compares the canary with stable at a stated confidence. */
export type Claim =
  /** Events of requests. */
  (
    | { readonly kind: "counts"; readonly test: RateTest }
    /** One value of each arm a window: a mean, a quantile, any number. */
    | { readonly kind: "means"; readonly test: PairedTest }
  ) &
    Seen;

interface Seen extends LastCounted {
  /** The stage clock that it belongs to: a gate is judged on its own stage's traffic only. */
  readonly clock: MonoTime;
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

/** The comparisons within a condition, by the place under which they are judged. */
export function leavesOf(condition: Condition, place = "0"): readonly Leaf[] {
  if (condition.kind === "metric") return [{ place, condition }];
  if (condition.kind !== "all" && condition.kind !== "any") return [];
  return condition.of.flatMap((part, index) => leavesOf(part, `${place}.${index}`));
}

export interface Leaf {
  readonly place: string;
  readonly condition: MetricCondition;
}

type Metrics = Readonly<Record<string, Metric>>;
type ClaimLeaf = Leaf & { readonly claimed: Claimed; readonly metric: Metric };

/** They are asked for at every fact, and a plan does not change. */
const found = new WeakMap<
  Condition,
  { readonly metrics: Metrics; readonly leaves: readonly ClaimLeaf[] }
>();

/** The leaves of a condition that evidence settles. */
export function claimsIn(condition: Condition, metrics: Metrics): readonly ClaimLeaf[] {
  const known = found.get(condition);
  if (known?.metrics === metrics) return known.leaves;
  const leaves = leavesOf(condition).flatMap((leaf) => {
    const metric = metrics[leaf.condition.metric];
    const claimed = metric === undefined ? null : claimOf(leaf.condition, metric);
    return metric === undefined || claimed === null ? [] : [{ ...leaf, claimed, metric }];
  });
  found.set(condition, { metrics, leaves });
  return leaves;
}
