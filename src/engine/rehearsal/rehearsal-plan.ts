import type { Action, Check, Connection, Plan } from "../../core/plan.ts";

/**
 * The plan with its questions replaced by their names: what a rehearsal answers is decided by name, not by query. Nobody is
 * there to sign: words count without a signature, each of as many people as are asked for.
 */
export function rehearsalPlan(plan: Plan): Plan {
  const metrics = Object.values(plan.metrics).map((metric) => [
    metric.name,
    { ...metric, query: { name: metric.name, arm: "${arm}" }, connection: metric.driver },
  ]);
  const drivers = new Set(Object.values(plan.metrics).map(({ driver }) => driver));
  const checks = Object.values(plan.checks).map((check) => [
    check.name,
    check.driver === "confirm"
      ? check
      : { ...named(check), input: { name: check.name }, connection: null, driver: "rehearsal" },
  ]);
  const { governance: _governance, ...rest } = plan;
  return {
    ...rest,
    stages: plan.stages.map((stage) => ({ ...stage, actions: stage.actions.map(silent) })),
    finish: plan.finish.map(silent),
    metrics: Object.fromEntries(metrics) as Plan["metrics"],
    checks: Object.fromEntries(checks) as Plan["checks"],
    connections: Object.fromEntries([
      ...placesOf(plan).map((place) => [place.name, place] as const),
      ...[...drivers].map((name) => [name, armed(name)] as const),
    ]),
  };
}

/** Where messages go, known by its name alone: nobody is told anything, and no credential is asked for. */
function placesOf({ connections, reactions = [] }: Plan): readonly Connection[] {
  return reactions.flatMap(({ does }) => {
    const place = does.kind === "tell" ? connections[does.to] : undefined;
    return place === undefined ? [] : [{ ...place, config: { name: place.name } }];
  });
}

/** A connection that tells the arms apart, for metrics that are compared with stable. */
function armed(name: string): Connection {
  return { name, type: name, config: { arms: { canary: "canary", stable: "stable" } } };
}

/** An action without its outputs: nothing answers in a rehearsal, so that there is nothing to take them from. */
function silent(action: Action): Action {
  return { ...action, outputs: {} };
}

/** A check without its parts: they ask what a rehearsal does not ask. */
function named({ steps: _steps, services: _services, outputs: _outputs, ...check }: Check): Check {
  return check;
}
