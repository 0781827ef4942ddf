import type { Unit } from "../../core/plan.ts";

/** The names that a condition may use. */
export interface ConditionContext {
  /** The unit is null where the metric itself is wrong: then only what does not depend on it is judged. */
  readonly metrics: ReadonlyMap<string, { readonly unit: Unit | null }>;
  readonly checks: ReadonlyMap<string, { readonly driver: string }>;
}
