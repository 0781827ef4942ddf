import type { Condition } from "../../core/condition.ts";
import type { Metric, Unit } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { printQuantity } from "../scalars/print-quantity.ts";
import type { MetricLeaf } from "./leaf-conditions.ts";
import { placedConditions, type PlacedCondition } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Units of things that are often 0 when all is well, so that any multiple of their baseline is 0 too. */
const OFTEN_ZERO: ReadonlySet<Unit> = new Set(["count", "/s", "/min", "ratio/min"]);

/**
 * Twice a baseline of 0 is 0: a gate `x <= 2x baseline` is then red at the first event. Such a gate needs `any:` with an
 * absolute limit beside it, and such a trigger needs `all:`.
 */
export const relativeFloor: Rule = (located) => {
  const { metrics } = located.plan;
  const found = placedConditions(located.plan).flatMap((placed): readonly Found[] => {
    const wanted = side(placed);
    if (wanted === null) return [];
    return bare(placed.condition, wanted.join).flatMap((leaf) => {
      const metric = metrics[leaf.metric];
      const isUpper = wanted.operators.includes(leaf.operator);
      if (metric === undefined || !isUpper || !mayBeZero(leaf, metric)) return [];
      const floor = `${metric.name} ${wanted.operators[0]} ${printQuantity(unitOf(metric), metric.unit)}`;
      return [
        {
          code: "relative-without-floor" as const,
          path: sourcePath(located, placed.thing),
          message: `${leaf.text.trim()} has no floor: with a baseline of 0 its limit is 0`,
          fix: `write ${wanted.join}: [ ${leaf.text.trim()}, ${floor} ] with a limit that does no harm`,
        },
      ];
    });
  });
  return problemsAt(located, found);
};

function side(
  placed: PlacedCondition,
): { join: "any" | "all"; operators: readonly string[] } | null {
  if (placed.place !== "trigger") return { join: "any", operators: ["<", "<="] };
  const { does } = placed.trigger;
  return does === "rollback" || does === "hold" ? { join: "all", operators: [">", ">="] } : null;
}

/** Comparisons that are not already softened by a join with an absolute limit on the same metric. */
function bare(condition: Condition, join: "any" | "all"): readonly MetricLeaf[] {
  if (condition.kind === "metric") return [condition];
  if (!("of" in condition)) return [];
  const parts = condition.of.flatMap((part) => bare(part, join));
  if (condition.kind !== join) return parts;
  const floors = new Set(
    parts.flatMap(({ limit, metric }) => (limit.kind === "number" ? [metric] : [])),
  );
  return parts.filter(({ metric }) => !floors.has(metric));
}

function mayBeZero({ limit }: MetricLeaf, metric: Metric): boolean {
  if (limit.kind !== "relative") return false;
  if (limit.to === "baseline" && metric.baseline !== null && metric.baseline > 0) return false;
  // A ratio of bad events is 0 on a good day; one of good events is not.
  return (
    OFTEN_ZERO.has(metric.unit) ||
    (metric.unit === "ratio" && "bad" in metric.query && !("good" in metric.query))
  );
}

function unitOf({ unit }: Metric): number {
  return unit === "ratio" || unit === "ratio/min" ? 0.01 : unit === "count" ? 1 : 0.1;
}
