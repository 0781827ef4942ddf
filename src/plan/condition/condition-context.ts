import type { Unit } from "../../core/plan.ts";

/** The names that a condition may use. */
export interface ConditionContext {
  readonly metrics: ReadonlyMap<string, { readonly unit: Unit }>;
  readonly checks: ReadonlyMap<string, { readonly driver: string }>;
}
