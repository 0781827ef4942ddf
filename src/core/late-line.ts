import { drop, type Turn } from "./turn.ts";
import { actionOf } from "./unwind.ts";

/** Whether the line was written by a process that no longer owns the rollout. */
export function isLate(turn: Turn): boolean {
  return turn.entry.event.kind !== "claimed" && turn.entry.epoch !== turn.state.epoch;
}

/**
 * A late line is never acted on: its clock is another process's, and what it asks for is over. Only a late intent counts:
 * the change may have happened, nobody will ever answer for it, and so it is undone like any other, if need be again: true when the way back has to begin anew for it.
 */
export function onLateLine(turn: Turn): boolean {
  const { event } = turn.entry;
  if (event.kind !== "action-intended" || !noteIntent(turn, event.action)) return false;
  const { state } = turn;
  state.unknown = [...new Set([...state.unknown, event.action])];
  state.secured = null;
  const { phase } = state;
  const isBack = phase.kind === "rolling-back" || phase.kind === "verifying";
  if (!isBack || (phase.kind === "rolling-back" && BEFORE_SECURE.has(phase.step))) return false;
  drop(turn, () => true);
  state.phase = { kind: "rolling-back", step: "secure" };
  return true;
}

const BEFORE_SECURE = new Set(["step-down", "returning-side", "traffic", "rest"]);

/** From the intent on, the change may have happened: undo and takeover go by this. False for what is never undone. */
export function noteIntent(turn: Turn, id: string): boolean {
  const { state, plan } = turn;
  const action = actionOf(plan, id);
  if (action === undefined || plan.rollback.actions.includes(action)) return false;
  state.intended = [...state.intended.filter((other) => other !== id), id];
  if (action.share !== null) state.share = Math.max(state.share ?? 0, action.share);
  if (!action.reversible && !state.pastIrreversible) state.irreversible = true;
  return true;
}
