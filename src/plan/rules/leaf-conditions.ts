import type { Condition } from "../../core/condition.ts";

export type Leaf = Exclude<Condition, { kind: "all" | "any" }>;
export type MetricLeaf = Extract<Condition, { kind: "metric" }>;

/** The simple conditions inside a condition; itself when it is one. */
export function leafConditions(condition: Condition): readonly Leaf[] {
  return "of" in condition ? condition.of.flatMap(leafConditions) : [condition];
}
