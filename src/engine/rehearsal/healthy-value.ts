import { compare } from "../../core/compare.ts";
import type { Condition } from "../../core/condition.ts";
import type { Plan } from "../../core/plan.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/** A value of a metric that every gate likes and no trigger does, as far as one value can. */
export function healthyValue(plan: Plan, metric: string): number | boolean {
  const gates = [...plan.stages.flatMap(({ gates: of }) => of), ...plan.rollback.verify.gates];
  const wanted = gates.flatMap(({ condition }) => on(condition, metric));
  const unwanted = plan.triggers.flatMap(({ condition }) => on(condition, metric));
  const { confidence, max } = plan.metrics[metric] ?? {};
  // Where nothing ever fails nothing can be proven by comparing, nor far below the most that a value may be.
  const counted = confidence === undefined ? [] : [...(max === undefined ? [] : [max / 2]), 0.001];
  const stated = plan.metrics[metric]?.baseline ?? null;
  const candidates = [
    ...counted,
    ...(stated === null ? [] : [stated]),
    ...candidatesOf([...wanted, ...unwanted]),
  ];
  let best: number | boolean = stated ?? 0;
  let bestScore = -1;
  for (const candidate of candidates) {
    const score =
      wanted.filter((condition) => holds(condition, candidate, stated)).length +
      unwanted.filter((condition) => !holds(condition, candidate, stated)).length;
    if (score <= bestScore) continue;
    best = candidate;
    bestScore = score;
  }
  return best;
}

function on(condition: Condition, metric: string): readonly MetricCondition[] {
  if (condition.kind === "metric") return condition.metric === metric ? [condition] : [];
  return condition.kind === "all" || condition.kind === "any"
    ? condition.of.flatMap((part) => on(part, metric))
    : [];
}

/** Values around every limit, the likelier ones first. */
function candidatesOf(conditions: readonly MetricCondition[]): readonly (number | boolean)[] {
  const limits = conditions.flatMap(({ limit }) => (limit.kind === "number" ? [limit.value] : []));
  const bools = conditions.some(({ limit }) => limit.kind === "bool") ? [true, false] : [];
  const around = [
    (x: number) => x / 2,
    (x: number) => x,
    (x: number) => x * 2,
    (x: number) => x + 1,
  ];
  const sorted = limits.toSorted((a, b) => a - b);
  const between = sorted.flatMap((limit, index) => {
    const next = sorted[index + 1];
    return next === undefined ? [] : [(limit + next) / 2];
  });
  return [
    ...bools,
    ...around.flatMap((change) => limits.map(change)),
    ...between,
    ...[1, 0, 100, 0.001],
    // Hardly anything measured is negative.
    ...limits.map((limit) => limit - 1),
  ];
}

/** Whether it would hold. A baseline that is not stated is this value too: nothing has changed since the start. */
function holds(
  { operator, limit }: MetricCondition,
  value: number | boolean,
  stated: number | null,
): boolean {
  if (limit.kind === "number" || limit.kind === "bool")
    return compare(value, operator, limit.value);
  if (typeof value !== "number") return false;
  const base = limit.to === "baseline" ? (stated ?? value) : value;
  const against = limit.kind === "relative" ? base * limit.factor : base + limit.add;
  return compare(value, operator, against);
}
