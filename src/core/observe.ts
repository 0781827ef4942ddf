import type { Condition } from "./condition.ts";
import type { Measurement } from "./effect.ts";
import { backToSoak } from "./forward.ts";
import { checksOf, confirmationsOf, measurementsOf } from "./measurements.ts";
import type { Gate } from "./plan.ts";
import { isBlind } from "./sample.ts";
import { addTick, COUNTS, isSoaked, judgeGates } from "./soak.ts";
import type { Soak } from "./state.ts";
import { begin, currentStage, hasTimer, holdFor, restartTicks, type Turn } from "./turn.ts";
import type { Millis } from "./units.ts";
import { goBack, triggersInForce, watch, watchBlindness } from "./watch.ts";

/** How often a check that a trigger or gate watches is run when it states no interval, in milliseconds. */
export const CHECK_INTERVAL: Millis = 30_000;

/** Starts a tick: every question of the triggers and of the gates in force is asked once, and the next tick is set. */
export function startTick(turn: Turn): void {
  // A tick that still waits for a slow source is judged before its samples are replaced: none goes unseen.
  if (turn.state.tick.length > 0) finishTick(turn);
  if (hasTimer(turn, "tick")) return;
  const asked = new Set(
    Object.values(turn.state.pending).flatMap((effect) =>
      effect.kind === "measure" ? [effect.measurement.key] : [],
    ),
  );
  const ids: string[] = [];
  for (const measurement of questions(turn)) {
    if (asked.has(measurement.key)) continue;
    asked.add(measurement.key);
    const window = windowOf(turn, measurement);
    ids.push(begin(turn, { kind: "measure", measurement, window, asked: turn.entry.mono }));
  }
  startDueChecks(turn);
  turn.state.tick = ids;
  begin(turn, { kind: "timer", purpose: "tick", ms: interval(turn) });
  if (ids.length === 0) finishTick(turn);
}

/** All questions of a tick are answered: blindness, then the gates, then the bounds of the stage. */
export function finishTick(turn: Turn): void {
  watch(turn);
  watchBlindness(turn);
  const { phase } = turn.state;
  if (phase.kind === "observing" && turn.state.cause === null) observeStage(turn, phase.soak);
  if (phase.kind === "closing" && turn.state.cause === null) watchClosing(turn, phase.soak);
  if (phase.kind === "verifying") observeVerification(turn, phase.soak);
}

function observeStage(turn: Turn, before: Soak): void {
  const { state, entry } = turn;
  const stage = currentStage(turn);
  const results = judgeGates(turn, stage.gates, before);
  const { soak, restarted } = addTick(before, results, entry, stage);
  if (restarted !== null)
    turn.notes.push({ kind: "soak-restarted", stage: stage.name, why: restarted });
  if (soak.clock !== before.clock) restartTicks(turn);
  const waits = state.hold?.clears === "person" ? soak.lastTick - before.lastTick : 0;
  const next = { ...soak, waited: soak.waited + waits };
  state.phase = { kind: "observing", soak: next };
  if (isRefused(turn, stage.gates)) return;
  if (entry.mono - next.began - next.waited >= stage.within && !isSoaked(stage, next))
    leaveUnpassed(turn, next);
}

/**
 * While the stage closes its gates stay on: a red or blind one sends it back into its soak. Blind ones do so only when the
 * person's word that is awaited has come, or they see again: time waited for a person does not count as blind.
 */
function watchClosing(turn: Turn, before: Soak): void {
  const stage = currentStage(turn);
  const results = judgeGates(turn, stage.gates, before);
  const { soak } = addTick(before, results, turn.entry, stage);
  const waits = turn.state.hold?.kind === "waiting" ? soak.lastTick - before.lastTick : 0;
  const next = { ...soak, waited: soak.waited + waits };
  if (isRefused(turn, stage.gates) || turn.state.phase.kind !== "closing") return;
  turn.state.phase = { ...turn.state.phase, soak: next };
  if (next.green >= stage.soak) return;
  if (turn.state.hold?.kind === "waiting" && isBlind(next.worst)) return;
  backToSoak(turn, next);
}

/** A person's "no" to what a gate waits for is a failed gate. */
function isRefused(turn: Turn, gates: readonly Gate[]): boolean {
  for (const name of gates.flatMap((gate) => confirmationsOf(gate.condition))) {
    const word = turn.state.confirmations[name];
    if (word === undefined || word.yes) continue;
    goBack(turn, { kind: "gate", text: `${name} was answered with no`, by: word.by });
    return true;
  }
  return false;
}

function leaveUnpassed(turn: Turn, soak: Soak): void {
  const stage = currentStage(turn);
  const red = stage.gates
    .filter((gate) => soak.passed[gate.id] === "fail")
    .map((gate) => gate.condition.text);
  const isRed = red.length > 0 || (COUNTS.has(soak.worst) && soak.broken === "fail");
  if (isRed) {
    const why = red.length > 0 ? red.join(", ") : "a gate was red too often";
    goBack(turn, {
      kind: "gate",
      text: `stage ${stage.name} did not pass within ${stage.within / 1000} s: ${why}`,
      by: "canary",
    });
    return;
  }
  // What is blind holds already, and goes back after `maxBlind`: a hold for a person would stop that clock.
  if (turn.state.hold?.kind === "blind") return;
  holdFor(turn, {
    kind: "inconclusive",
    why: `stage ${stage.name} did not pass within ${stage.within / 1000} s and no gate is red (${soak.worst})`,
    clears: "person",
  });
}

function observeVerification(turn: Turn, before: Soak): void {
  const { state, plan, entry } = turn;
  if (state.phase.kind !== "verifying") return;
  const { gates, interval: every } = plan.rollback.verify;
  const results = judgeGates(turn, gates, before);
  const { soak } = addTick(before, results, entry, { interval: every, tolerate: 0 });
  state.phase = { ...state.phase, soak };
}

function questions(turn: Turn): readonly Measurement[] {
  return conditions(turn).flatMap(measurementsOf);
}

function conditions(turn: Turn): readonly Condition[] {
  const { plan, state } = turn;
  if (state.phase.kind === "verifying")
    return plan.rollback.verify.gates.map((gate) => gate.condition);
  const triggers = triggersInForce(turn).map((trigger) => trigger.condition);
  const staged = state.phase.kind === "observing" || state.phase.kind === "closing";
  return staged
    ? [...currentStage(turn).gates.map((gate) => gate.condition), ...triggers]
    : triggers;
}

/** A check in a trigger, or one with an interval in a gate, is run again and again. */
function startDueChecks(turn: Turn): void {
  const { plan, state, entry } = turn;
  const watched = new Set(triggersInForce(turn).flatMap((trigger) => checksOf(trigger.condition)));
  if (state.phase.kind === "observing") {
    for (const name of currentStage(turn).gates.flatMap((gate) => checksOf(gate.condition))) {
      if (plan.checks[name]?.interval !== null) watched.add(name);
    }
  }
  for (const name of watched) {
    const last = state.checks[name];
    const every = plan.checks[name]?.interval ?? CHECK_INTERVAL;
    const running = Object.values(state.pending).some(
      (effect) => effect.kind === "check" && effect.check === name,
    );
    if (!running && (last === undefined || entry.mono - last.at >= every))
      begin(turn, { kind: "check", check: name, mode: "probe" });
  }
}

function windowOf(turn: Turn, measurement: Measurement): Millis | null {
  const { over } = measurement;
  const { state, entry, plan } = turn;
  if (over === null) return plan.metrics[measurement.metric]?.window ?? null;
  if (over.kind === "window") return over.ms;
  const from = over.kind === "stage" ? stageClock(turn) : state.rolloutStarted;
  return Math.max(1000, entry.mono - from);
}

/** `over stage` starts when the stage's checks have passed, so that tests that fail on purpose do not count. */
function stageClock(turn: Turn): number {
  const { phase, stageStarted } = turn.state;
  return phase.kind === "observing" || phase.kind === "closing" || phase.kind === "verifying"
    ? phase.soak.clock
    : stageStarted;
}

function interval(turn: Turn): Millis {
  const { plan, state } = turn;
  if (state.phase.kind === "verifying") return plan.rollback.verify.interval;
  return plan.stages[state.stage]?.interval ?? plan.interval;
}
