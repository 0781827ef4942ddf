import type { End } from "./ending.ts";
import type { Fact } from "./event.ts";
import { newSoak } from "./soak.ts";
import { idle, type State } from "./state.ts";
import { begin, currentStage, drop, holdFor, type Turn } from "./turn.ts";
import type { MonoTime } from "./units.ts";
import { stop } from "./unwind.ts";
import { goBack } from "./watch.ts";

type Claimed = Extract<Fact, { kind: "claimed" }>;

/** The first line of an epoch: a start, a takeover, or the end itself. */
export function onClaimed(turn: Turn, claim: Claimed): void {
  const { state } = turn;
  state.epoch = turn.entry.epoch;
  state.rollout = claim.rollout;
  if (claim.end !== null) {
    drop(turn, () => true);
    state.phase = { kind: "ended", end: claim.end };
    return;
  }
  if (claim.mode === "start") {
    state.rolloutStarted = turn.entry.mono;
    state.phase = { kind: "preparing" };
    begin(turn, { kind: "preflight" });
    return;
  }
  inherit(turn);
  if (claim.pastIrreversible === true) {
    state.irreversible = false;
    state.pastIrreversible = true;
  }
  // The latest word on halting counts: a rollout that was halted can still be sent back.
  if (claim.mode !== "continue") state.halt = claim.mode === "halt";
  const asked = { kind: "abort", text: "", by: claim.by } as const;
  const cause = claim.cause ?? (claim.mode === "rollback" ? asked : null);
  if (cause !== null) goBack(turn, cause);
  // Who takes over to go back wants it at once, whatever the first cause was.
  if (claim.mode === "rollback") state.instant = true;
  if (state.halt || state.cause !== null) return goBackAgain(turn);
  goOn(turn);
}

/** What an earlier process left: its unanswered applies may have happened, and its clock means nothing here. */
function inherit(turn: Turn): void {
  const { state, entry } = turn;
  const lost = Object.values(state.pending).flatMap((effect) =>
    effect.kind === "apply" && state.intended.includes(effect.action) ? [effect.action] : [],
  );
  drop(turn, () => true);
  turn.cancel.length = 0;
  state.unknown = [...new Set([...state.unknown, ...lost])];
  state.tick = [];
  state.searched = false;
  state.unread = [];
  // What it had begun is unknown, or done: whoever wants the rest says so again.
  state.playbook = null;
  state.samples = idle.samples;
  state.since = idle.since;
  state.claims = inheritedClaims(state.claims, entry.mono);
  state.splits = fromNow(state.splits, entry.mono);
  state.checks = idle.checks;
  state.firing = idle.firing;
  state.blindSince = null;
  state.stageStarted = entry.mono;
  state.rolloutStarted = entry.mono;
  if (state.servedSince !== null) state.servedSince = entry.mono;
  // The stage that waited for a person's word soaks again first; every other hold stands until it is answered.
  const { hold } = state;
  state.hold = hold === null || hold.kind === "waiting" ? null : { ...hold, since: entry.mono };
}

/** What triggers have counted goes on, with windows that begin now; the gates of a stage that begins anew count anew. */
function inheritedClaims(claims: State["claims"], now: MonoTime): State["claims"] {
  const kept = Object.entries(claims).filter(([key]) => key.startsWith("trigger:"));
  return fromNow(Object.fromEntries(kept), now);
}

function fromNow<T extends { readonly until: MonoTime }>(
  counted: Readonly<Record<string, T>>,
  now: MonoTime,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(counted).map(([key, each]) => [key, { ...each, until: now }]),
  );
}

/** Also from an end: a rollback that failed is tried again from its first step. */
function goBackAgain(turn: Turn): void {
  const { state } = turn;
  state.undone = {};
  state.secured = null;
  state.rollbackActionsDone = 0;
  state.failures = [];
  stop(turn);
}

function goOn(turn: Turn): void {
  const { state, plan } = turn;
  switch (state.phase.kind) {
    case "idle":
    case "preparing":
      state.phase = { kind: "preparing" };
      begin(turn, { kind: "search" });
      return;
    case "applying":
    case "finishing":
      state.phase = { ...state.phase, checked: false };
      resolveUnknown(turn);
      break;
    case "observing":
    case "closing":
      state.phase = { kind: "observing", soak: newSoak(turn) };
      turn.notes.push({
        kind: "soak-restarted",
        stage: plan.stages[state.stage]?.name ?? "",
        why: "another process took over",
      });
      break;
    case "checking":
      break;
    case "ending":
    case "ended":
      return endAgain(turn, state.phase.end);
    case "stopping":
    case "rolling-back":
    case "verifying":
      return goBackAgain(turn);
  }
  begin(turn, { kind: "search" });
  begin(turn, { kind: "timer", purpose: "tick", ms: 1 });
}

/** The end was decided and perhaps not claimed: what it rested on may have changed, so it is decided again. */
function endAgain(turn: Turn, end: End): void {
  const { state, plan } = turn;
  if (end.kind === "refused") {
    state.phase = { kind: "preparing" };
    begin(turn, { kind: "search" });
    return;
  }
  if (end.kind !== "promoted") return goBackAgain(turn);
  state.phase = { kind: "finishing", next: plan.finish.length, checked: false };
  begin(turn, { kind: "search" });
  begin(turn, { kind: "timer", purpose: "tick", ms: 1 });
}

/**
 * A captured field is written again: absolute and idempotent. A call is not run twice unless the plan or a person says so.
 * Only the action that is next can be open: those before it were settled by the takeover that met them.
 */
function resolveUnknown(turn: Turn): void {
  const { state, plan } = turn;
  const { phase } = state;
  if (phase.kind !== "applying" && phase.kind !== "finishing") return;
  const actions = phase.kind === "applying" ? currentStage(turn).actions : plan.finish;
  const action = actions[phase.next];
  if (action === undefined || !state.unknown.includes(action.id)) return;
  if (action.undo === "auto" || action.onUnknown === "rerun") return;
  if (action.onUnknown === "skip") {
    state.phase = { ...phase, next: phase.next + 1 };
    return;
  }
  holdFor(turn, {
    kind: "unknown",
    why: `whether ${action.title} happened is unknown: resume runs it again, abort undoes it`,
    clears: "person",
  });
}
