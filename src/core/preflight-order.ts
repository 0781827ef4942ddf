import type { Check, Plan } from "./plan.ts";

/** The checks before a start in the order in which they are made: those that others take values from come first. */
export function preflightOrder(plan: Plan): readonly string[] {
  return [
    ...plan.preflight.filter((name) => makesOutputs(plan.checks[name])),
    ...plan.preflight.filter((name) => !makesOutputs(plan.checks[name])),
  ];
}

/** Whether a value is taken from the answer of a check, or of one of its steps. */
export function makesOutputs(check: Check | undefined): boolean {
  if (check === undefined) return false;
  const steps = check.steps ?? [];
  return (
    check.outputs !== undefined ||
    steps.some((step) => step.kind === "test" && Object.keys(step.outputs).length > 0)
  );
}
