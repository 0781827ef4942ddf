import type { Condition } from "../../core/condition.ts";
import { leafConditions, type MetricLeaf } from "./leaf-conditions.ts";

/** The comparisons of metrics inside a condition. */
export function metricLeaves(condition: Condition): readonly MetricLeaf[] {
  return leafConditions(condition).filter((leaf) => leaf.kind === "metric");
}
