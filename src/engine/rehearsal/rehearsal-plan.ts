import type { Plan } from "../../core/plan.ts";

/** The plan with its questions replaced by their names: what a rehearsal answers is decided by name, not by query. */
export function rehearsalPlan(plan: Plan): Plan {
  const metrics = Object.values(plan.metrics).map((metric) => [
    metric.name,
    { ...metric, query: { name: metric.name }, connection: metric.driver },
  ]);
  const checks = Object.values(plan.checks).map((check) => [
    check.name,
    check.driver === "confirm"
      ? check
      : { ...check, input: { name: check.name }, connection: null, driver: "rehearsal" },
  ]);
  return {
    ...plan,
    metrics: Object.fromEntries(metrics) as Plan["metrics"],
    checks: Object.fromEntries(checks) as Plan["checks"],
    connections: {},
  };
}
