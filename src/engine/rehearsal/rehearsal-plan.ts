import type { Action, Check, Plan } from "../../core/plan.ts";

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
      : { ...named(check), input: { name: check.name }, connection: null, driver: "rehearsal" },
  ]);
  return {
    ...plan,
    stages: plan.stages.map((stage) => ({ ...stage, actions: stage.actions.map(silent) })),
    finish: plan.finish.map(silent),
    metrics: Object.fromEntries(metrics) as Plan["metrics"],
    checks: Object.fromEntries(checks) as Plan["checks"],
    connections: {},
  };
}

/** An action without its outputs: nothing answers in a rehearsal, so that there is nothing to take them from. */
function silent(action: Action): Action {
  return { ...action, outputs: {} };
}

/** A check without its parts: they ask what a rehearsal does not ask. */
function named({ steps: _steps, services: _services, outputs: _outputs, ...check }: Check): Check {
  return check;
}
