import type { Evidence, Plan } from "../../core/plan.ts";

/** Every item of evidence of a plan: of its stages, and of the lines of `on:`. */
export function planEvidence(plan: Plan): readonly Evidence[] {
  return [...plan.stages.flatMap(({ evidence }) => evidence), ...reactionEvidence(plan)];
}

/** What the lines of `on:` take. */
export function reactionEvidence({ reactions = [] }: Plan): readonly Evidence[] {
  return reactions.flatMap(({ does }) => (does.kind === "collect" ? does.items : []));
}
