import type { Plan } from "../../core/plan.ts";
import type { Millis } from "../../core/units.ts";
import type { MetricLeaf } from "./leaf-conditions.ts";

/** How far back one answer to this condition looks. `over stage` begins with the stage, so it reaches back to nothing. */
export function windowOf({ metric, over }: MetricLeaf, plan: Plan): Millis {
  if (over === null) return plan.metrics[metric]?.window ?? 0;
  return over.kind === "window" ? over.ms : 0;
}
