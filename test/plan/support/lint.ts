import { builtInDrivers } from "../../../src/drivers/registry.ts";
import type { Diagnostic } from "../../../src/plan/diagnostic.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";

/** Everything that `canary lint` has to say about a plan. */
export function lint(text: string): readonly Diagnostic[] {
  const options = { catalog: builtInDrivers(), useExamples: true, set: {} };
  return loadPlan({ path: "plan.yaml", text }, options).diagnostics;
}
