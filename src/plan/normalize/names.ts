import type { Unit } from "../../core/plan.ts";

/** The named things of a plan that other parts of it may refer to. */
export interface Names {
  readonly connections: ReadonlyMap<string, { readonly type: string }>;
  /** The unit is null where the metric itself is wrong: it is not blamed once more where it is used. */
  readonly metrics: ReadonlyMap<string, { readonly unit: Unit | null }>;
  readonly checks: ReadonlyMap<string, { readonly driver: string }>;
  readonly playbooks: ReadonlySet<string>;
  /** Checks that their own `if` leaves out. */
  readonly offChecks: ReadonlySet<string>;
}
