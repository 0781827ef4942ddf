import type { Condition } from "./condition.ts";
import type { Effect } from "./effect.ts";
import { checksOf, confirmationsOf } from "./measurements.ts";
import type { Action, Stage } from "./plan.ts";
import { runPlaybook } from "./playbook.ts";
import { isBlind } from "./sample.ts";
import { isSoaked, judgeGates, newSoak } from "./soak.ts";
import type { Phase, Soak } from "./state.ts";
import {
  awaits,
  begin,
  currentStage,
  drop,
  endWith,
  holdFor,
  restartTicks,
  type Turn,
} from "./turn.ts";
import { clearHold, goBack, watchBlindness } from "./watch.ts";

type In<K extends Phase["kind"]> = Extract<Phase, { kind: K }>;

/** Starts the next forward effect, if nothing holds and nothing is awaited. Called last in every step. */
export function advance(turn: Turn): void {
  const { phase, hold, playbook } = turn.state;
  if (playbook !== null) return runPlaybook(turn, playbook);
  // A wait for a person's word is over when the word is there; every other hold must have been cleared.
  if (hold !== null && hold.kind !== "waiting") return;
  // What an earlier process began may be more than its journal still says.
  if (awaits(turn, "search")) return;
  switch (phase.kind) {
    case "applying":
      return applyNext(turn, phase, currentStage(turn).actions);
    case "finishing":
      return applyNext(turn, phase, turn.plan.finish);
    case "checking":
      return checkNext(turn, phase);
    case "observing":
      return leaveSoak(turn, phase);
    case "closing":
      return close(turn, phase);
    case "idle":
    case "preparing":
    case "stopping":
    case "rolling-back":
    case "verifying":
    case "ending":
    case "ended":
  }
}

/** Enters the stage with this index. */
export function enterStage(turn: Turn, index: number): void {
  const { state } = turn;
  state.stage = index;
  state.stageStarted = turn.entry.mono;
  const stage = currentStage(turn);
  turn.notes.push({ kind: "stage-started", stage: stage.name, share: stage.share });
  state.phase = { kind: "applying", next: 0, checked: false };
}

function applyNext(
  turn: Turn,
  phase: In<"applying"> | In<"finishing">,
  actions: readonly Action[],
): void {
  const { state } = turn;
  if (awaits(turn, "apply") || awaits(turn, "read-back")) return;
  const action = actions[phase.next];
  const done = action === undefined;
  if (done && phase.kind === "applying") {
    state.phase = { kind: "checking", next: 0 };
    return advance(turn);
  }
  if (!phase.checked && state.intended.length > 0) {
    begin(turn, { kind: "read-back" });
    return;
  }
  if (action !== undefined && isSkipped(turn, action)) {
    state.phase = { ...phase, next: phase.next + 1 };
    return advance(turn);
  }
  if (action !== undefined) {
    begin(turn, { kind: "apply", action: action.id });
    return;
  }
  endWith(turn, { kind: "promoted" });
}

/** Perhaps run by an earlier process, whose journal lost the line: the plan says not to run it twice. */
function isSkipped({ state }: Turn, { id, undo, onUnknown }: Action): boolean {
  return undo !== "auto" && onUnknown === "skip" && state.unknown.includes(id);
}

function checkNext(turn: Turn, phase: In<"checking">): void {
  const { state, entry } = turn;
  if (isChecking(turn)) return;
  const stage = currentStage(turn);
  const check = stage.checks[phase.next];
  if (check !== undefined) {
    begin(turn, { kind: "check", check, mode: "settled" });
    return;
  }
  forgetAskedOnce(turn);
  state.phase = { kind: "observing", soak: newSoak(turn) };
  restartTicks(turn);
  state.servedSince ??= entry.mono;
  if (state.share !== stage.share && stage.share !== null) state.share = stage.share;
  turn.notes.push({ kind: "soak-started", stage: stage.name, soak: stage.soak });
  if (stage.gates.length === 0 && stage.soak === 0 && entry.event.kind !== "claimed") advance(turn);
}

function leaveSoak(turn: Turn, phase: In<"observing">): void {
  if (!isSoaked(currentStage(turn), phase.soak)) return;
  turn.state.phase = { kind: "closing", soak: phase.soak, step: "checks" };
  advance(turn);
}

function close(turn: Turn, phase: In<"closing">): void {
  if (isChecking(turn) || awaits(turn, "read-back") || awaits(turn, "collect")) return;
  switch (phase.step) {
    case "checks":
      return askOnce(turn, phase);
    case "read-back":
      if (turn.state.intended.length === 0) return closeWith(turn, phase.soak);
      begin(turn, { kind: "read-back" });
      return;
    case "evidence":
      begin(turn, { kind: "collect", stage: turn.state.stage });
  }
}

/** Called when everything set was read back the same. */
export function closeWith(turn: Turn, soak: Soak): void {
  turn.state.phase = { kind: "closing", soak, step: "evidence" };
  advance(turn);
}

/** What is asked once: the checks of the gates, and persons. Only then, with every gate green, the stage can pass. */
function askOnce(turn: Turn, phase: In<"closing">): void {
  const { state } = turn;
  const stage = currentStage(turn);
  const open = stage.gates
    .flatMap((gate) => checksOf(gate.condition))
    .find((name) => (state.checks[name]?.at ?? -1) < phase.soak.clock);
  if (open !== undefined) {
    begin(turn, { kind: "check", check: open, mode: "settled" });
    return;
  }
  const results = judgeGates(turn, stage.gates, phase.soak);
  const soak = { ...phase.soak, passed: results };
  const refused = stage.gates.filter(
    (gate) => results[gate.id] === "fail" && isAnsweredNo(turn, gate.condition),
  );
  if (refused.length > 0) {
    return goBack(turn, {
      kind: "gate",
      text: `stage ${stage.name}: ${refused.map((gate) => gate.condition.text).join(", ")} failed`,
      by: "canary",
    });
  }
  const all = Object.values(results);
  if (all.every((result) => result === "pass")) {
    if (state.hold?.kind === "waiting" && !endWait(turn)) return;
    state.phase = { kind: "closing", soak, step: "read-back" };
    return advance(turn);
  }
  if (all.every((result) => result === "pass" || result === "waiting")) {
    state.phase = { ...phase, soak };
    return waitForWords(turn, stage);
  }
  // Who waits for a person loses nothing by what is blind meanwhile: it is looked at when the word is there.
  const isSilent = all.every(
    (result) => result === "pass" || result === "waiting" || isBlind(result),
  );
  if (isSilent && state.hold?.kind === "waiting" && unanswered(turn, stage).length > 0) return;
  const errors = failedToRun(turn, stage);
  backToSoak(turn, soak);
  if (errors.length > 0)
    holdFor(turn, {
      kind: "inconclusive",
      why: `${errors.join(", ")} could not be run`,
      clears: "person",
    });
}

/** The word is there. Blindness was not counted meanwhile and is looked at now: false where the stage is held for it. */
function endWait(turn: Turn): boolean {
  clearHold(turn, "canary");
  watchBlindness(turn);
  return turn.state.hold === null;
}

function waitForWords(turn: Turn, stage: Stage): void {
  const names = unanswered(turn, stage).join(", ");
  holdFor(turn, { kind: "waiting", why: `waiting for ${names}`, clears: "self" });
}

function unanswered({ state }: Turn, stage: Stage): readonly string[] {
  return stage.gates
    .flatMap((gate) => confirmationsOf(gate.condition))
    .filter((name) => state.confirmations[name] === undefined);
}

/** A metric that is red at this moment only ends the soak; the answer of a check or of a person is final. */
function isAnsweredNo(turn: Turn, condition: Condition): boolean {
  switch (condition.kind) {
    case "metric":
      return false;
    case "check": {
      const result = turn.state.checks[condition.check]?.result;
      return result === (condition.wants === "passes" ? "fail" : "pass");
    }
    case "confirmed":
      return turn.state.confirmations[condition.check]?.yes === false;
    case "all":
    case "any":
      return condition.of.some((part) => isAnsweredNo(turn, part));
  }
}

/** Checks that are asked once and could not be run; the ones with an interval are tried again anyway. */
function failedToRun({ state, plan }: Turn, stage: Stage): readonly string[] {
  return stage.gates
    .flatMap((gate) => checksOf(gate.condition))
    .filter(
      (name) => state.checks[name]?.result === "error" && plan.checks[name]?.interval === null,
    );
}

/**
 * Sends a stage that was closing back into its soak. It has to ask again at the end of it: what was answered once says
 * nothing about later.
 */
export function backToSoak(turn: Turn, soak: Soak): void {
  const { state } = turn;
  if (state.hold?.kind === "waiting") clearHold(turn, "canary");
  drop(
    turn,
    (effect) => effect.kind === "read-back" || effect.kind === "collect" || isSettled(effect),
  );
  forgetAskedOnce(turn);
  state.phase = { kind: "observing", soak };
}

/** Forgets what the gates ask once: only an answer from the end of this soak counts, not one from just before it. */
export function forgetAskedOnce(turn: Turn): void {
  const { state, plan } = turn;
  const once = new Set(
    currentStage(turn)
      .gates.flatMap((gate) => checksOf(gate.condition))
      .filter((name) => plan.checks[name]?.interval === null),
  );
  const kept = Object.entries(state.checks).filter(([name]) => !once.has(name));
  state.checks = Object.fromEntries(kept);
}

function isSettled(effect: Effect): boolean {
  return effect.kind === "check" && effect.mode === "settled";
}

function isChecking(turn: Turn): boolean {
  return Object.values(turn.state.pending).some(isSettled);
}

/** Everything was asked, read back and taken. A gate that turned red or blind meanwhile sends the stage back into its soak. */
export function passStage(turn: Turn, soak: Soak): void {
  const { state, plan } = turn;
  const stage = currentStage(turn);
  const passed = judgeGates(turn, stage.gates, soak);
  if (Object.values(passed).some((result) => result !== "pass"))
    return backToSoak(turn, { ...soak, passed });
  turn.notes.push({ kind: "stage-passed", stage: stage.name });
  if (state.stage + 1 < plan.stages.length) enterStage(turn, state.stage + 1);
  else state.phase = { kind: "finishing", next: 0, checked: false };
}
