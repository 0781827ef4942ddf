import type { Condition } from "./condition.ts";
import { gateOutcome, judgeCondition, triggerOutcome } from "./judge-condition.ts";
import { judgeTrigger } from "./judge-trigger.ts";
import { measurementsOf } from "./measurements.ts";
import type { Trigger } from "./plan.ts";
import { isBlind } from "./sample.ts";
import type { Cause, State } from "./state.ts";
import { currentStage, holdFor, type Turn } from "./turn.ts";

/** Phases in which triggers are judged: from the first change until the way back begins. */
const WATCHED = new Set(["applying", "checking", "observing", "closing", "finishing"]);

/** Whether triggers can act now. */
export function isWatched(turn: Turn): boolean {
  return WATCHED.has(turn.state.phase.kind) && turn.state.cause === null && !turn.state.halt;
}

/** Whether the rollout goes back in steps, which a trigger that rolls back cuts short. */
export function isSteppingDown({ phase, instant }: State): boolean {
  return phase.kind === "rolling-back" && phase.step === "step-down" && !instant;
}

/** The triggers in force: all of them on the way forward, those that roll back while stepping down, none after that. */
export function triggersInForce(turn: Turn): readonly Trigger[] {
  const { triggers } = turn.plan;
  if (isWatched(turn)) return triggers;
  return isSteppingDown(turn.state) ? triggers.filter(({ does }) => does === "rollback") : [];
}

/** Judges every trigger in force on what is known now. Runs before anything that could move forward. */
export function watch(turn: Turn): void {
  for (const trigger of triggersInForce(turn)) heed(turn, trigger);
}

function heed(turn: Turn, trigger: Trigger): void {
  const { plan, state, entry } = turn;
  const judged = judgeTrigger(trigger, { plan, state, now: entry.mono });
  remember(turn, `trigger:${trigger.id}`, judged.since);
  const fires = triggerOutcome(judged.truth) === "fail";
  const fired = state.firing[trigger.id] === true;
  if (fires === fired) return;
  if (!fires) {
    // Only a sample that says "not" ends it: a blind one keeps it as it was.
    if (judged.truth === "not") {
      const { [trigger.id]: _over, ...rest } = state.firing;
      state.firing = rest;
    }
    return;
  }
  state.firing = { ...state.firing, [trigger.id]: true };
  act(turn, trigger, judged.detail);
}

function act(turn: Turn, trigger: Trigger, detail: string): void {
  switch (trigger.does) {
    case "rollback":
      turn.notes.push({ kind: "triggered", trigger: trigger.name, does: "rollback", detail });
      goBack(turn, { kind: "trigger", text: `${trigger.name}: ${detail}`, by: "canary" });
      return;
    case "hold":
      turn.notes.push({ kind: "triggered", trigger: trigger.name, does: "hold", detail });
      holdFor(turn, { kind: "trigger", why: `${trigger.name}: ${detail}`, clears: "person" });
      return;
    case "page":
      turn.notes.push({ kind: "paged", trigger: trigger.name, detail });
      return;
    case "warn":
      turn.notes.push({ kind: "warned", trigger: trigger.name, detail });
  }
}

/** Sets the cause once: the first cause is kept, and twice is once. Only a failed gate leaves time for a gradual way back. */
export function goBack(turn: Turn, cause: Cause): void {
  if (cause.kind !== "gate") turn.state.instant = true;
  if (turn.state.cause === null) turn.state.cause = cause;
}

/** Replaces what is known of an owner's `for` clocks. */
export function remember(turn: Turn, owner: string, since: Readonly<Record<string, number>>): void {
  const known = Object.entries(turn.state.since);
  const now = Object.entries(since);
  if (known.length === 0 && now.length === 0) return;
  const kept = known.filter(([key]) => !key.startsWith(`${owner}#`));
  const isSame = now.every(([key, began]) => turn.state.since[key] === began);
  if (isSame && kept.length + now.length === known.length) return;
  turn.state.since = { ...Object.fromEntries(kept), ...since };
}

/**
 * Blind gates and triggers hold at once, and after `maxBlind` roll back below 100 % or page at 100 %.
 * Time waited for a person does not count. The hold clears itself when data is back.
 */
export function watchBlindness(turn: Turn): void {
  const { state, plan, entry } = turn;
  if (!isWatched(turn)) return;
  const why = blindReason(turn);
  if (why === null) {
    state.blindSince = null;
    state.blindPaged = false;
    if (state.hold?.kind === "blind") clearHold(turn, "canary");
    return;
  }
  if (state.hold !== null && (state.hold.clears === "person" || state.hold.kind === "waiting")) {
    state.blindSince = null;
    return;
  }
  state.blindSince ??= entry.mono;
  holdFor(turn, { kind: "blind", why, clears: "self" });
  if (entry.mono - state.blindSince < plan.maxBlind) return;
  if (!isFull(turn)) {
    goBack(turn, {
      kind: "blind",
      text: `blind for ${plan.maxBlind / 1000} s: ${why}`,
      by: "canary",
    });
  } else if (!state.blindPaged) {
    state.blindPaged = true;
    turn.notes.push({ kind: "paged", trigger: "blind at 100 %", detail: why });
  }
}

/** At 100 % stable serves nothing any more: going back blindly could be worse than staying. */
export function isFull(turn: Turn): boolean {
  return turn.state.share === 100;
}

/** Ends a hold. What was read back before or under it is old: it is read again right before the next change. */
export function clearHold(turn: Turn, by: string): void {
  const { hold, phase } = turn.state;
  if (hold === null) return;
  turn.notes.push({ kind: "resumed", hold: hold.id, by });
  turn.state.hold = null;
  if (phase.kind === "applying" || phase.kind === "finishing")
    turn.state.phase = { ...phase, checked: false };
}

/**
 * Whether a source may rightly have nothing to tell yet: the canary has not been served for the query's range. A trigger
 * without samples is not blind; one whose source is stale, or does not answer, always is.
 */
function isUnserved(turn: Turn, condition: Condition): boolean {
  const { plan, state, entry } = turn;
  if (state.servedSince === null) return true;
  const windows = measurementsOf(condition).map(({ metric, over }) =>
    over?.kind === "window" ? over.ms : (plan.metrics[metric]?.window ?? 0),
  );
  return entry.mono < state.servedSince + Math.max(0, ...windows);
}

function blindReason(turn: Turn): string | null {
  const { plan, state, entry } = turn;
  for (const trigger of plan.triggers) {
    if (trigger.does === "warn") continue;
    const judged = judgeTrigger(trigger, { plan, state, now: entry.mono });
    if (judged.truth === "noData" && isUnserved(turn, trigger.condition)) continue;
    if (isBlind(triggerOutcome(judged.truth)))
      return `trigger ${trigger.name} cannot be judged: ${judged.detail}`;
  }
  if (state.phase.kind !== "observing") return null;
  for (const gate of currentStage(turn).gates) {
    if (state.overridden.includes(gate.id)) continue;
    const { clock } = state.phase.soak;
    const judged = judgeCondition(gate.condition, {
      plan,
      state,
      now: entry.mono,
      owner: `gate:${gate.id}`,
      clock,
    });
    const outcome = gateOutcome(judged.truth);
    if (isBlind(outcome)) return `gate ${gate.condition.text} cannot be judged: ${judged.detail}`;
  }
  return null;
}
