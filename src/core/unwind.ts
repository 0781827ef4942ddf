import type { UndoGroup } from "./effect.ts";
import { endOfWayBack, unreadOf } from "./end-of-way-back.ts";
import type { End } from "./ending.ts";
import type { UndoResult } from "./event.ts";
import type { Plan } from "./plan.ts";
import { playbookActions } from "./playbook.ts";
import type { State, UndoStep } from "./state.ts";
import { tellUndone } from "./tell-undone.ts";
import { awaits, begin, drop, endWith, hasTimer, type Turn } from "./turn.ts";
import type { Millis } from "./units.ts";
import { startVerifying, verify } from "./verify.ts";

/** How long an interrupted apply may take to answer before its outcome is unknown. */
export const GRACE: Millis = 5000;

const BACKWARD = new Set(["stopping", "rolling-back", "verifying", "ending", "ended"]);

/** Whether the rollout is on its way back or at its end. */
export function isBackward(state: State): boolean {
  return BACKWARD.has(state.phase.kind);
}

/** Moves the way back on: called in every step once there is a cause. Nothing here waits for metrics, words or messages. */
export function unwind(turn: Turn): void {
  const { state } = turn;
  if (!isBackward(state)) stop(turn);
  if (state.phase.kind === "stopping") return leaveStopping(turn);
  const isBack = state.phase.kind === "rolling-back" || state.phase.kind === "verifying";
  // A late intent past a point of no return: what is not back yet stays until a person has looked.
  if (isBack && state.irreversible) return halt(turn);
  if (state.phase.kind === "rolling-back") return rollBack(turn, state.phase.step);
  if (state.phase.kind === "verifying") verify(turn);
}

/** All forward motion ends: only an apply owes an answer, everything else is dropped at once. */
export function stop(turn: Turn): void {
  const { state } = turn;
  state.hold = null;
  state.playbook = null;
  if (state.cause !== null) turn.notes.push({ kind: "stopping", cause: state.cause });
  drop(turn, (effect) => effect.kind !== "apply" && effect.kind !== "undo");
  state.tick = [];
  // How it looked when it went wrong is evidence too: taken beside the way back, which never waits for it.
  if ((turn.plan.stages[state.stage]?.evidence.length ?? 0) > 0)
    begin(turn, { kind: "collect", stage: state.stage });
  const apply = Object.values(state.pending).find((effect) => effect.kind === "apply");
  state.phase = { kind: "stopping", waitsFor: apply?.id ?? null };
  if (apply === undefined) return;
  turn.interrupt.push(apply.id);
  begin(turn, { kind: "timer", purpose: "grace", ms: GRACE });
  if (state.halt || state.irreversible) return;
  // A slow apply delays only its own target: traffic elsewhere goes back at once, unless stable is not serving.
  if (actionOf(turn.plan, apply.action)?.role !== "traffic" && !needsReturningSide(turn))
    beginUndo(turn, "traffic", null);
}

function leaveStopping(turn: Turn): void {
  const { state } = turn;
  if (awaits(turn, "apply")) return;
  drop(turn, (effect) => effect.kind === "timer");
  if (state.halt || state.irreversible) return halt(turn);
  const isUntouched = state.intended.length === 0;
  // What this process did not see begin, it has from a journal, which may have lost its last lines.
  if (isUntouched && state.epoch === 1) return endWith(turn, endOfWayBack(state));
  if (!isUntouched && state.cause !== null)
    turn.notes.push({ kind: "rolling-back", cause: state.cause });
  state.phase = { kind: "rolling-back", step: isUntouched ? "search" : firstStep(turn) };
  rollBack(turn, state.phase.step);
}

/** Past a point of no return nothing is undone unasked; an undo that was under way first answers, so that nothing lands later. */
function halt(turn: Turn): void {
  if (awaits(turn, "undo")) return;
  const { cause, halt: asked } = turn.state;
  const why = cause?.text ?? "halted by a person";
  if (!asked && cause?.kind !== "abort") {
    const detail = `halted past a point of no return: ${why}`;
    turn.notes.push({ kind: "paged", trigger: "halted", detail });
  }
  endWith(turn, { kind: "halted", why });
}

function firstStep(turn: Turn): UndoStep {
  const gradual =
    turn.plan.rollback.gradual !== null &&
    turn.state.cause !== null &&
    !turn.state.instant &&
    !needsReturningSide(turn);
  return gradual ? "step-down" : "returning-side";
}

/** What the next part of the way back waits for. */
const OWED = ["undo", "secure", "search", "apply"] as const;

function rollBack(turn: Turn, step: UndoStep): void {
  const { state } = turn;
  if (OWED.some((kind) => awaits(turn, kind))) return;
  switch (step) {
    case "step-down":
      return stepDown(turn);
    case "returning-side":
    case "traffic":
    case "rest":
    case "again":
      if (!beginUndo(turn, step, null)) proceed(turn, step);
      return;
    case "secure":
      if (state.unknown.length === 0) return proceed(turn, "again");
      begin(turn, { kind: "secure", actions: state.unknown });
      return;
    case "search":
      if (state.epoch === 1 || state.searched) return proceed(turn, "search");
      begin(turn, { kind: "search" });
      return;
    case "actions":
      return runRollbackAction(turn);
    case "wait":
      return;
  }
}

/** The next part of the way back, when one is done. */
export function proceed(turn: Turn, done: UndoStep, results: readonly UndoResult[] = []): void {
  const { state } = turn;
  if (done === "returning-side" && isStuck(results)) {
    // Traffic would go to where nothing is ready: it stays, and a person is needed.
    turn.notes.push({
      kind: "paged",
      trigger: "rollback",
      detail: "nothing is ready where traffic would go back to",
    });
    return endWith(
      turn,
      failure(turn) ?? {
        kind: "rollback-failed",
        certain: true,
        why: "the returning side is not ready",
      },
    );
  }
  const { phase } = state;
  const isRestTried = done === "traffic" && phase.kind === "rolling-back" && phase.restTried;
  const next = NEXT[isRestTried === true ? "rest" : done];
  if (next === "actions") {
    const failed = failure(turn);
    if (failed !== null) return endWith(turn, failed);
    if (state.intended.length === 0) return endWith(turn, endOfWayBack(state));
    // The rest of the way back is for what was set: what was not, as far as anybody knows, does not keep it.
    if (unreadOf(state).length === 0) turn.notes.push({ kind: "restored" });
  }
  state.phase = { kind: "rolling-back", step: next };
  rollBack(turn, next);
}

const NEXT: Readonly<Record<UndoStep, UndoStep>> = {
  "step-down": "returning-side",
  "returning-side": "traffic",
  traffic: "rest",
  rest: "secure",
  secure: "again",
  again: "search",
  search: "actions",
  actions: "wait",
  wait: "wait",
};

/** Takes the answer of an undo. */
export function undoAnswered(turn: Turn, group: UndoGroup, results: readonly UndoResult[]): void {
  const { phase } = turn.state;
  if (phase.kind !== "rolling-back") return;
  const { step } = phase;
  // Begun while an apply had its grace, it has had all its time since.
  const isEarly = group === "traffic" && step === "returning-side" && isStuck(results);
  if (step === group || isEarly) return proceed(turn, group, results);
  if (group === "rest") turn.state.phase = { ...phase, restTried: true };
}

/** Traffic does not go back: everything else goes beside it then, and does not wait until nobody tries any longer. */
export function undoStalled(turn: Turn): void {
  const { phase, pending } = turn.state;
  if (phase.kind !== "rolling-back" || phase.restTried === true) return;
  const undos = Object.values(pending).filter((effect) => effect.kind === "undo");
  if (undos.every(({ group, share }) => group === "traffic" && share === null))
    beginUndo(turn, "rest", null);
}

/** One share after another, with the rollback triggers on: one that fires, or an abort, ends the stepping. */
function stepDown(turn: Turn): void {
  const { state, plan } = turn;
  const { gradual } = plan.rollback;
  if (hasTimer(turn, "step-down") && !state.instant) return;
  const share = gradual?.shares.find((next) => next > 0 && next < (state.share ?? 0));
  if (gradual === null || share === undefined || state.instant) {
    drop(turn, () => true);
    return proceed(turn, "step-down");
  }
  if (!hasTimer(turn, "tick")) begin(turn, { kind: "timer", purpose: "tick", ms: 1 });
  state.share = share;
  turn.notes.push({ kind: "stepped-down", share });
  beginUndo(turn, "traffic", share);
  begin(turn, { kind: "timer", purpose: "step-down", ms: gradual.every });
}

/** Starts the undo of a group; false when there is nothing in it. */
function beginUndo(turn: Turn, group: UndoGroup, share: number | null): boolean {
  const actions = groupOf(turn, group);
  if (actions.length === 0) return false;
  begin(turn, { kind: "undo", group, actions, share });
  return true;
}

function groupOf(turn: Turn, group: UndoGroup): readonly string[] {
  const { plan, state } = turn;
  const roles = new Map(state.intended.map((id) => [id, actionOf(plan, id)]));
  const isTraffic = (id: string) => {
    const action = roles.get(id);
    return (
      action?.role === "traffic" || (action?.role === "release" && action.releases === undefined)
    );
  };
  const newestFirst = state.intended.toReversed();
  const full = state.intended.findIndex(
    (id) => isTraffic(id) && (roles.get(id)?.share ?? 0) === 100,
  );
  const since =
    full < 0
      ? new Set<string>()
      : new Set(state.intended.slice(full).filter((id) => !isTraffic(id)));
  switch (group) {
    case "returning-side":
      return newestFirst.filter((id) => since.has(id));
    case "traffic":
      return newestFirst.filter(isTraffic);
    case "rest":
      return newestFirst.filter((id) => !isTraffic(id) && !since.has(id));
    case "again":
      return state.unknown.length === 0
        ? []
        : [...newestFirst.filter(isTraffic), ...newestFirst.filter((id) => !isTraffic(id))];
  }
}

function needsReturningSide(turn: Turn): boolean {
  return groupOf(turn, "returning-side").length > 0;
}

/** What is foreign there is somebody's will; what is failed or unknown there may be serving nobody. */
function isStuck(results: readonly UndoResult[]): boolean {
  return results.some(({ result }) => result === "failed" || result === "unknown");
}

function failure(turn: Turn): End | null {
  const { state } = turn;
  const isOpen = state.unknown.length > 0 && state.secured !== true;
  const bad = Object.values(state.undone).filter(({ result }) => result !== "restored");
  if (bad.length > 0) {
    const why = bad.map(tellUndone).join("; ");
    return {
      kind: "rollback-failed",
      certain: !isOpen && !bad.some(({ result }) => result === "unknown"),
      why,
    };
  }
  if (isOpen) {
    return {
      kind: "rollback-failed",
      certain: false,
      why: `a late write of ${state.unknown.join(", ")} cannot be ruled out`,
    };
  }
  return null;
}

function runRollbackAction(turn: Turn): void {
  const { state, plan } = turn;
  const action = plan.rollback.actions[state.rollbackActionsDone];
  if (action !== undefined) {
    begin(turn, { kind: "apply", action: action.id });
    return;
  }
  const { verify: verification } = plan.rollback;
  state.phase = { kind: "rolling-back", step: "wait" };
  if (verification.wait > 0)
    begin(turn, { kind: "timer", purpose: "verify-wait", ms: verification.wait });
  else startVerifying(turn);
}

/** Looks an action up by its id, wherever in the plan it stands. */
export function actionOf(plan: Plan, id: string): Plan["finish"][number] | undefined {
  for (const stage of plan.stages) {
    const found = stage.actions.find((action) => action.id === id);
    if (found !== undefined) return found;
  }
  const others = [...plan.finish, ...plan.rollback.actions, ...playbookActions(plan)];
  return others.find((action) => action.id === id);
}
