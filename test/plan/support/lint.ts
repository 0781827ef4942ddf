import type { Diagnostic } from "../../../src/plan/diagnostic.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";
import { catalog } from "./catalog.ts";

/** Everything that `canary lint` has to say about a plan. */
export function lint(text: string): readonly Diagnostic[] {
  return loadPlan({ path: "plan.yaml", text }, { catalog, useExamples: true, set: {} }).diagnostics;
}
