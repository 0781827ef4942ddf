import { checksOf, confirmationsOf } from "./measurements.ts";
import type { Action } from "./plan.ts";
import { judgeGates, newSoak } from "./soak.ts";
import type { Phase, Soak } from "./state.ts";
import { awaits, begin, currentStage, endWith, holdFor, type Turn } from "./turn.ts";
import { goBack } from "./watch.ts";

type In<K extends Phase["kind"]> = Extract<Phase, { kind: K }>;

/** Starts the next forward effect, if nothing holds and nothing is awaited. Called last in every step. */
export function advance(turn: Turn): void {
  const { phase, hold } = turn.state;
  // A wait for a person's word is over when the word is there; every other hold must have been cleared.
  if (hold !== null && hold.kind !== "waiting") return;
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
  if (action !== undefined) {
    begin(turn, { kind: "apply", action: action.id });
    return;
  }
  endWith(turn, { kind: "promoted" });
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
  state.phase = { kind: "observing", soak: newSoak(turn) };
  if (state.share !== stage.share && stage.share !== null) state.share = stage.share;
  turn.notes.push({ kind: "soak-started", stage: stage.name, soak: stage.soak });
  if (stage.gates.length === 0 && stage.soak === 0 && entry.event.kind !== "claimed") advance(turn);
}

function leaveSoak(turn: Turn, phase: In<"observing">): void {
  const stage = currentStage(turn);
  if (phase.soak.green < stage.soak) return;
  // Positive evidence: every gate that is not asked once at the end must have passed at the last tick.
  for (const gate of stage.gates) {
    const last = phase.soak.passed[gate.id];
    if (last !== "pass" && last !== "waiting") return;
  }
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

function askOnce(turn: Turn, phase: In<"closing">): void {
  const { state, plan } = turn;
  const stage = currentStage(turn);
  const open = stage.gates
    .flatMap((gate) => checksOf(gate.condition))
    .find((name) => (state.checks[name]?.at ?? -1) < phase.soak.clock);
  if (open !== undefined) {
    begin(turn, { kind: "check", check: open, mode: "settled" });
    return;
  }
  const results = judgeGates(turn, stage.gates, phase.soak);
  const failed = stage.gates.filter((gate) => results[gate.id] === "fail");
  const asked = failed.filter(
    (gate) => checksOf(gate.condition).length > 0 || confirmationsOf(gate.condition).length > 0,
  );
  if (asked.length > 0) {
    return goBack(turn, {
      kind: "gate",
      text: `stage ${stage.name}: ${asked.map((gate) => gate.condition.text).join(", ")} failed`,
      by: "canary",
    });
  }
  const all = Object.values(results);
  if (all.every((result) => result === "pass")) {
    if (state.hold?.kind === "waiting") endWaiting(turn);
    state.phase = { kind: "closing", soak: phase.soak, step: "read-back" };
    return advance(turn);
  }
  if (all.every((result) => result === "pass" || result === "waiting")) {
    const names = stage.gates
      .flatMap((gate) => confirmationsOf(gate.condition))
      .filter((name) => state.confirmations[name] === undefined);
    return holdFor(turn, {
      kind: "waiting",
      why: `waiting for ${names.join(", ")}`,
      clears: "self",
    });
  }
  const errors = stage.gates
    .flatMap((gate) => checksOf(gate.condition))
    .filter((name) => state.checks[name]?.result === "error");
  if (errors.length > 0 && errors.every((name) => plan.checks[name]?.interval === null)) {
    return holdFor(turn, {
      kind: "inconclusive",
      why: `${errors.join(", ")} could not be run`,
      clears: "person",
    });
  }
  state.phase = { kind: "observing", soak: { ...phase.soak, passed: results } };
}

function endWaiting(turn: Turn): void {
  const { hold } = turn.state;
  if (hold !== null) turn.notes.push({ kind: "resumed", hold: hold.id, by: "canary" });
  turn.state.hold = null;
}

function isChecking(turn: Turn): boolean {
  return Object.values(turn.state.pending).some(
    (effect) => effect.kind === "check" && effect.mode === "settled",
  );
}

/** The stage has passed: on to the next one, or to the finish. */
export function passStage(turn: Turn): void {
  turn.notes.push({ kind: "stage-passed", stage: currentStage(turn).name });
  if (turn.state.stage + 1 < turn.plan.stages.length) enterStage(turn, turn.state.stage + 1);
  else turn.state.phase = { kind: "finishing", next: 0, checked: false };
}
