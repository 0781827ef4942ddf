import type { Unit } from "../../core/plan.ts";

/** The named things of a plan that other parts of it may refer to. */
export interface Names {
  readonly connections: ReadonlyMap<string, { readonly type: string }>;
  readonly metrics: ReadonlyMap<string, { readonly unit: Unit }>;
  /** Metrics that are named but wrong: conditions on them are not judged once more. */
  readonly brokenMetrics: ReadonlySet<string>;
  readonly checks: ReadonlyMap<string, { readonly driver: string }>;
  readonly playbooks: ReadonlySet<string>;
  /** Checks that their own `if` leaves out. */
  readonly offChecks: ReadonlySet<string>;
}
