import type { Effect } from "./effect.ts";
import type { Entry } from "./event.ts";
import type { Plan } from "./plan.ts";
import { idle, type State } from "./state.ts";
import { step } from "./step.ts";

/** Folds a journal, or any prefix of one, into the state it left: `replay(journal) = state`. */
export function replay(plan: Plan, journal: readonly Entry[]): State {
  return journal.reduce((state, entry) => step(plan, state, entry).state, idle);
}

/** The effects that a process must start to go on from a state that it took over by its own claim. */
export function pendingEffects(state: State): readonly Effect[] {
  return Object.values(state.pending);
}
