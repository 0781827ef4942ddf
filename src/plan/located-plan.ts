import type { Plan } from "../core/plan.ts";
import type { Diagnostic, Position, SourcePath } from "./diagnostic.ts";
import type { DriverCatalog } from "./driver-catalog.ts";

/** A normalized plan that remembers where each of its things was written. */
export interface LocatedPlan {
  readonly plan: Plan;
  /** The path of the plan file, for diagnostics. */
  readonly file: string;
  /**
   * The position of the value at a path of the source document; of its nearest parent when there is nothing. With an
   * offset and a length it is the position of that part of a text.
   */
  at(path: SourcePath, part?: { readonly offset: number; readonly length: number }): Position;
  /** The position of the key that the path ends with. */
  keyAt(path: SourcePath): Position;
  /**
   * Source paths by thing: `stage:pilot`, `action:pilot/1-set-image`, `gate:<id>`, `trigger:<name>`, `metric:<name>`,
   * `check:<name>`, `step:<check>/<n>`, `connection:<name>`, `evidence:<id>`, `param:<name>`, `verify`, `rollback`, `traffic`.
   * Fields that the author wrote are below: `[...path, "soak"]`; what came from `everyStage` points there.
   */
  readonly sourceOf: ReadonlyMap<string, SourcePath>;
}

/** A check of meaning over a whole plan. Returns every problem it finds, and never throws. */
export type Rule = (located: LocatedPlan, catalog: DriverCatalog) => readonly Diagnostic[];
