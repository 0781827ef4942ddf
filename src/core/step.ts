import type { Effect, EffectId } from "./effect.ts";
import type { Entry, Note } from "./event.ts";
import { advance } from "./forward.ts";
import { isNote } from "./is-note.ts";
import { isLate, onLateLine } from "./late-line.ts";
import { onFact } from "./on-fact.ts";
import type { Plan } from "./plan.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { isBackward, unwind } from "./unwind.ts";
import { watch } from "./watch.ts";

export interface Step {
  readonly state: State;
  readonly start: readonly Effect[];
  /** Effects whose answer is no longer wanted: killed at once. */
  readonly cancel: readonly EffectId[];
  /** Applies that are to stop: they have `GRACE` to answer. */
  readonly interrupt: readonly EffectId[];
  /** Decisions, for the journal's readers. Replay decides them again. */
  readonly notes: readonly Note[];
}

/**
 * The machine. Pure: what happened goes in, what is to be done comes out.
 *
 *            started                actions done              soaked and gates pass (more stages)
 *   preparing ────────► applying ──► checking ──► observing ──► closing ─────────────► applying …
 *       │                  │  ▲                      │    ▲       │                        │ last stage
 *       │ refused          │  └── hold / resume ─────┼────┘       │ red while waiting      ▼
 *       ▼                  │     (an overlay: any    └────────────┘                    finishing ──► promoted
 *     ended                │      phase may be held)
 *                          │ action failed │ check failed │ gate failed │ trigger │ blind │ abort   (from any of these)
 *                          ▼
 *                      stopping ── every apply answered or unknown ──► rolling back ──► verifying ──► rolled back
 *                          │                                                │               └──► rollback failed
 *                          └── something irreversible ──► halted            └── not restored ──► rollback failed
 *
 * Order of every step, so that nothing that can fail stands before the way back:
 * the fact is taken in, the triggers are judged, then either the way back or the way forward moves on.
 */
export function step(plan: Plan, state: State, entry: Entry): Step {
  const turn: Turn = {
    plan,
    entry,
    state: { ...state },
    start: [],
    cancel: [],
    interrupt: [],
    notes: [],
  };
  if (isLate(turn)) {
    if (onLateLine(turn)) unwind(turn);
    return withoutDropped(turn);
  }
  if (isNote(entry.event) || entry.event.kind === "superseded") return withoutDropped(turn);
  onFact(turn);
  watch(turn);
  if (turn.state.cause !== null || turn.state.halt || isBackward(turn.state)) unwind(turn);
  else advance(turn);
  // A trigger may have been met by what `advance` judged: the way back does not wait for the next event.
  if (turn.state.cause !== null && !isBackward(turn.state)) unwind(turn);
  return withoutDropped(turn);
}

/** An effect that was begun and dropped within one step is never started. */
function withoutDropped(turn: Turn): Step {
  const { state, start, cancel, interrupt, notes } = turn;
  const stale = new Set(cancel);
  const begun = new Set(start.map(({ id }) => id));
  return {
    state,
    start: start.filter(({ id }) => !stale.has(id)),
    cancel: cancel.filter((id) => !begun.has(id)),
    interrupt: interrupt.filter((id) => !begun.has(id)),
    notes,
  };
}
