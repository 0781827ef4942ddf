import type { Condition } from "../../core/condition.ts";
import type { Millis } from "../../core/units.ts";

/** Joins conditions as `all:` or `any:` of the plan do. `forMs` is how long the whole must have held; 0 is at once. */
export function combineConditions(
  kind: "all" | "any",
  conditions: readonly Condition[],
  forMs: Millis,
  text: string,
): Condition {
  return { kind, text, of: conditions, for: forMs };
}
