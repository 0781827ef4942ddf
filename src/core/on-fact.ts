import type { Effect } from "./effect.ts";
import type { Event, Fact } from "./event.ts";
import { closeWith, enterStage, passStage } from "./forward.ts";
import { gatherEvidence } from "./gather-evidence.ts";
import { noteIntent, onLateLine } from "./late-line.ts";
import { finishTick, startTick } from "./observe.ts";
import { onPlaybookAction } from "./playbook.ts";
import { onSearched } from "./searched.ts";
import { onClaimed } from "./takeover-state.ts";
import { begin, endWith, holdFor, settle, type Turn } from "./turn.ts";
import { proceed, undoAnswered, undoStalled } from "./unwind.ts";
import { startVerifying } from "./verify.ts";
import { goBack } from "./watch.ts";
import { onWord } from "./words.ts";

type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;

/** Takes one event into the state. Notes are decisions already made: they change nothing. */
export function onFact(turn: Turn): void {
  const event: Event = turn.entry.event;
  switch (event.kind) {
    case "claimed":
      return onClaimed(turn, event);
    case "preflight-finished":
      return answered(turn, event.effect, () => onPreflight(turn, event));
    case "baseline-captured":
      return answered(turn, event.effect, () => onBaseline(turn, event));
    case "read-back-finished":
      return answered(turn, event.effect, () => onReadBack(turn, event));
    case "action-intended":
      return onIntent(turn, event);
    case "action-finished":
      return answered(turn, event.effect, () => onAction(turn, event));
    case "check-finished":
      return answered(turn, event.effect, (effect) => onCheck(turn, event, effect));
    case "measured":
      return answered(turn, event.effect, (effect) => onMeasured(turn, event, effect));
    case "collected":
      return answered(turn, event.effect, () => onCollected(turn, event));
    case "timer-fired":
      return answered(turn, event.effect, (effect) => onTimer(turn, effect));
    case "word-received":
      return onWord(turn, event.word);
    case "interrupted":
      return goBack(turn, { kind: "abort", text: event.reason, by: event.by });
    case "journal-lost":
      return goBack(turn, {
        kind: "lost",
        text: `the journal can not be written: ${event.why}`,
        by: "canary",
      });
    case "undo-stalled":
      return turn.state.pending[event.undo] === undefined ? undefined : undoStalled(turn);
    case "undo-finished":
      return answered(turn, event.effect, () => onUndone(turn, event));
    case "secured":
      return answered(turn, event.effect, () => onSecured(turn, event));
    case "searched":
      return answered(turn, event.effect, () => onSearched(turn, event));
    default:
      return;
  }
}

/** An answer to an effect that is not pending came too late: it is in the journal and is not acted on. */
function answered(turn: Turn, id: string, act: (effect: Effect) => void): void {
  const effect = settle(turn, id);
  if (effect !== null) act(effect);
}

function onPreflight(turn: Turn, event: FactOf<"preflight-finished">): void {
  const { problems } = event;
  if (problems.length > 0) endWith(turn, { kind: "refused", problems, locked: false });
  else if (turn.state.phase.kind === "preparing") begin(turn, { kind: "capture" });
}

function onBaseline(turn: Turn, event: FactOf<"baseline-captured">): void {
  const { problems, locked } = event;
  if (problems.length > 0) return endWith(turn, { kind: "refused", problems, locked });
  turn.state.baseline = event.metrics;
  turn.state.rolloutStarted = turn.entry.mono;
  turn.notes.push({ kind: "started" });
  enterStage(turn, 0);
  begin(turn, { kind: "timer", purpose: "tick", ms: 1 });
}

function onReadBack(turn: Turn, event: FactOf<"read-back-finished">): void {
  const { phase } = turn.state;
  if (event.unreadable !== null)
    return holdFor(turn, {
      kind: "unknown",
      why: `what was set could not be read back: ${event.unreadable}`,
      clears: "person",
    });
  if (event.differences.length > 0) {
    const shown = event.differences
      .map(({ label, expected, live }) => `${label} is ${live}, not ${expected}`)
      .join("; ");
    return holdFor(turn, {
      kind: "differs",
      why: `changed by someone else: ${shown}`,
      clears: "person",
    });
  }
  if (phase.kind === "applying" || phase.kind === "finishing") return finishReadBack(turn);
  if (phase.kind === "closing") closeWith(turn, phase.soak);
}

function finishReadBack(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind === "applying" || phase.kind === "finishing")
    turn.state.phase = { ...phase, checked: true };
}

/** From the intent on, the change may have happened: this is what undo and takeover go by. */
function onIntent(turn: Turn, event: FactOf<"action-intended">): void {
  if (turn.state.pending[event.effect] === undefined) onLateLine(turn);
  else noteIntent(turn, event.action);
}

function onAction(turn: Turn, event: FactOf<"action-finished">): void {
  const { state } = turn;
  if (state.phase.kind === "rolling-back") return onRollbackAction(turn, event);
  if (event.result === "unknown" && state.intended.includes(event.action))
    state.unknown = [...new Set([...state.unknown, event.action])];
  if (onPlaybookAction(turn, event)) return;
  // That it was applied now says nothing of an earlier call without an answer, which may still land: it stays unknown.
  if (event.result === "applied") {
    if (state.phase.kind === "applying" || state.phase.kind === "finishing") {
      state.phase = { ...state.phase, next: state.phase.next + 1, checked: false };
    }
    return;
  }
  if (state.phase.kind === "stopping") return;
  if (event.result === "moved") {
    return holdFor(turn, {
      kind: "differs",
      why: `${event.action}: the value moved since the baseline was captured: ${event.why}`,
      clears: "person",
    });
  }
  goBack(turn, {
    kind: "action",
    text: `${event.action} ${event.result}: ${event.why}`,
    by: "canary",
  });
}

/** A failing step of the rollback does not stop the next; it is kept for the verdict. */
function onRollbackAction(turn: Turn, event: FactOf<"action-finished">): void {
  turn.state.rollbackActionsDone += 1;
  if (event.result !== "applied")
    turn.state.failures = [...turn.state.failures, `${event.action} ${event.result}: ${event.why}`];
}

function onCheck(turn: Turn, event: FactOf<"check-finished">, effect: Effect): void {
  const { state, plan, entry } = turn;
  if (effect.kind !== "check") return;
  const before = state.checks[event.check];
  const threshold = effect.mode === "probe" ? (plan.checks[event.check]?.failureThreshold ?? 1) : 1;
  const failures =
    event.result === "fail"
      ? (before?.failures ?? 0) + 1
      : event.result === "pass"
        ? 0
        : (before?.failures ?? 0);
  const result =
    event.result === "fail" && failures < threshold ? (before?.result ?? "pass") : event.result;
  state.checks = {
    ...state.checks,
    [event.check]: { result, at: entry.mono, failures, detail: event.detail },
  };
  if (effect.mode === "probe") return;
  if (state.phase.kind === "checking") {
    if (event.result === "pass") state.phase = { ...state.phase, next: state.phase.next + 1 };
    else
      goBack(turn, {
        kind: "check",
        text: `check ${event.check} ${event.result === "fail" ? "failed" : "could not be run"}: ${event.detail}`,
        by: "canary",
      });
  }
  if (state.phase.kind === "verifying") {
    const failed =
      event.result === "pass"
        ? state.phase.failed
        : `check ${event.check} did not pass: ${event.detail}`;
    state.phase = { ...state.phase, checksLeft: state.phase.checksLeft.slice(1), failed };
  }
}

function onMeasured(turn: Turn, event: FactOf<"measured">, effect: Effect): void {
  const { state, entry } = turn;
  const asked = effect.kind === "measure" ? effect.asked : entry.mono;
  const { sample } = event;
  const age =
    "observedAt" in sample && sample.observedAt !== null ? entry.at - sample.observedAt : null;
  const observed = age === null ? {} : { observed: entry.mono - Math.max(0, age) };
  const measured = { sample, at: entry.mono, asked, ...observed };
  state.samples = { ...state.samples, [event.key]: measured };
  gatherEvidence(turn);
  state.tick = state.tick.filter((id) => id !== event.effect);
  // Also the late answer of a tick that is over: it is judged before the next one replaces it.
  if (state.tick.length === 0) finishTick(turn);
}

function onCollected(turn: Turn, event: FactOf<"collected">): void {
  const { phase, hold } = turn.state;
  // A stage does not pass while something holds: resume lets it soak again, and the rest is collected again.
  if (phase.kind !== "closing" || (hold !== null && hold.kind !== "waiting")) return;
  if (event.missingRequired.length > 0) {
    return holdFor(turn, {
      kind: "evidence",
      why: `required evidence is missing: ${event.missingRequired.join(", ")}`,
      clears: "person",
    });
  }
  passStage(turn, phase.soak);
}

function onTimer(turn: Turn, effect: Effect): void {
  const { state } = turn;
  if (effect.kind !== "timer") return;
  switch (effect.purpose) {
    case "tick":
      return startTick(turn);
    case "grace": {
      if (state.phase.kind !== "stopping") return;
      const late = Object.values(state.pending).flatMap((pending) =>
        pending.kind === "apply" ? [pending] : [],
      );
      for (const apply of late) {
        settle(turn, apply.id);
        turn.cancel.push(apply.id);
        if (state.intended.includes(apply.action))
          state.unknown = [...new Set([...state.unknown, apply.action])];
      }
      return;
    }
    case "verify-wait":
      return startVerifying(turn);
    case "step-down":
      return;
  }
}

function onUndone(turn: Turn, event: FactOf<"undo-finished">): void {
  const { state } = turn;
  const results = Object.fromEntries(event.results.map((result) => [result.field, result]));
  state.undone = { ...state.undone, ...results };
  undoAnswered(turn, event.group, event.results);
}

function onSecured(turn: Turn, event: FactOf<"secured">): void {
  turn.state.secured = event.certain;
  if (turn.state.phase.kind === "rolling-back" && turn.state.phase.step === "secure")
    proceed(turn, "secure");
}
