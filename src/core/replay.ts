import type { Entry } from "./event.ts";
import type { Plan } from "./plan.ts";
import { idle, type State } from "./state.ts";
import { step } from "./step.ts";

/** Folds a journal, or any prefix of one, into the state it left: `replay(journal) = state`. */
export function replay(plan: Plan, journal: readonly Entry[]): State {
  return journal.reduce((state, entry) => step(plan, state, entry).state, idle);
}
