import type { Metric, Unit } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import type { MetricLeaf } from "./leaf-conditions.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Units whose values are never below 0. A time may be: clocks differ. */
const NEVER_NEGATIVE: ReadonlySet<Unit> = new Set(["ratio", "count", "/s", "/min", "bytes"]);

/** A condition that always or never holds is a slip: a gate that always passes promotes in silence. */
export const limitReachable: Rule = (located, catalog) => {
  const { plan } = located;
  const found = placedConditions(plan).flatMap(({ condition, thing }) =>
    metricLeaves(condition).flatMap((leaf): readonly Found[] => {
      const metric = plan.metrics[leaf.metric];
      if (metric === undefined) return [];
      // Only a ratio of counted parts is bounded: a CPU ratio of 140 % exists.
      const isShare = catalog.metrics.get(metric.driver)?.unit(metric.query) === "ratio";
      const always = alwaysHolds(leaf, metric, isShare);
      if (always === null) return [];
      return [
        {
          code: "limit-idle",
          path: sourcePath(located, thing),
          message: `${leaf.text.trim()} ${always ? "always" : "never"} holds: ${isShare ? "a ratio lies between 0% and 100%" : `${metric.name} is never below 0`}`,
          fix: "check the limit and the direction of the comparison",
        },
      ];
    }),
  );
  return problemsAt(located, found);
};

function alwaysHolds(
  { limit, operator }: MetricLeaf,
  { unit }: Metric,
  isShare: boolean,
): boolean | null {
  if (limit.kind !== "number" || !NEVER_NEGATIVE.has(unit)) return null;
  const { value } = limit;
  if (value < 0 || (value === 0 && (operator === "<" || operator === ">=")))
    return operator === ">" || operator === ">=" || operator === "!=";
  if (!isShare || unit !== "ratio") return null;
  if (value > 1 || (value === 1 && (operator === ">" || operator === "<=")))
    return operator === "<" || operator === "<=" || operator === "!=";
  return null;
}
