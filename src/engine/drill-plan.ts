import type { Plan } from "../core/plan.ts";

/** Longer than any abort takes: the rollout waits for it and goes no further, in milliseconds. */
const LONG = 24 * 3_600_000;

/**
 * The plan of a drill: up to the smallest stage that changes something, which then soaks until the abort comes. Nobody is
 * told by its `on:`: a drill is announced by people, and pages none. Null when no stage changes anything.
 */
export function drillPlan(plan: Plan): Plan | null {
  const { reactions: _reactions, ...rest } = plan;
  // What a drill proves can not be asked for before it.
  const preflight = plan.preflight.filter((name) => plan.checks[name]?.driver !== "drill");
  const last = plan.stages.findIndex(({ actions }) => actions.length > 0);
  const stage = plan.stages[last];
  if (stage === undefined) return null;
  const waiting = { ...stage, soak: LONG, within: 2 * LONG };
  return { ...rest, preflight, stages: [...plan.stages.slice(0, last), waiting], finish: [] };
}
