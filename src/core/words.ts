import type { Word } from "./event.ts";
import { forgetAskedOnce } from "./forward.ts";
import { confirmationsOf } from "./measurements.ts";
import { refusePlaybook } from "./playbook.ts";
import { newSoak } from "./soak.ts";
import { currentStage, holdFor, restartTicks, type Turn } from "./turn.ts";
import { isBackward } from "./unwind.ts";
import { clearHold } from "./watch.ts";

/** A person's word. One that comes too late, or answers a hold that is over, is refused and says so. */
export function onWord(turn: Turn, word: Word): void {
  const refusal = refuse(turn, word);
  if (refusal !== null) {
    turn.notes.push({ kind: "word-refused", by: word.by, why: `${word.kind}: ${refusal}` });
    return;
  }
  switch (word.kind) {
    case "hold":
      return holdFor(turn, {
        kind: "person",
        why: word.reason === "" ? `held by ${word.by}` : word.reason,
        clears: "person",
      });
    case "resume":
      return resume(turn, word.by);
    case "promote":
      return confirmAll(turn, word);
    case "confirm":
      return confirm(turn, word.check ?? "", word);
    case "playbook":
      turn.state.playbook = { name: word.check ?? "", next: 0 };
      return;
  }
}

function refuse(turn: Turn, word: Word): string | null {
  const { state, plan } = turn;
  if (isBackward(state) || state.cause !== null) return "the rollout is on its way back or over";
  if (word.stage !== null && plan.stages[state.stage]?.name !== word.stage)
    return `stage ${word.stage} is over`;
  if (word.hold !== null && state.hold?.id !== word.hold) return `hold ${word.hold} is over`;
  if (word.kind === "resume" && state.hold === null) return "nothing holds";
  if (word.kind === "resume" && state.hold?.clears === "self")
    return `this hold ends by itself: ${state.hold.why}`;
  if (word.kind === "promote" && state.hold?.kind !== "waiting")
    return "the stage waits for nobody's word";
  if (word.kind === "confirm" && plan.checks[word.check ?? ""]?.driver !== "confirm")
    return `the plan has no confirmation ${word.check ?? ""}`;
  return word.kind === "playbook" ? refusePlaybook(turn, word) : null;
}

/** Resume restarts the soak of the stage and the `for` clocks: what was red meanwhile is not forgotten by waiting. */
function resume(turn: Turn, by: string): void {
  const { state } = turn;
  clearHold(turn, by);
  state.since = {};
  state.firing = {};
  // A person has looked at what was proven: from here on it has to be proven anew.
  state.claims = {};
  state.blindSince = null;
  const { phase } = state;
  if (phase.kind === "observing" || phase.kind === "closing") {
    forgetAskedOnce(turn);
    state.phase = { kind: "observing", soak: newSoak(turn) };
    restartTicks(turn);
    turn.notes.push({
      kind: "soak-restarted",
      stage: currentStage(turn).name,
      why: `resumed by ${by}`,
    });
  }
}

function confirmAll(turn: Turn, word: Word): void {
  const names = currentStage(turn).gates.flatMap((gate) => confirmationsOf(gate.condition));
  for (const name of names) {
    if (turn.state.confirmations[name] === undefined) confirm(turn, name, { ...word, yes: true });
  }
}

function confirm(turn: Turn, name: string, word: Word): void {
  turn.state.confirmations = {
    ...turn.state.confirmations,
    [name]: { yes: word.yes, by: word.by },
  };
  if (turn.state.hold?.kind === "waiting" && turn.state.phase.kind === "closing")
    turn.state.phase = { ...turn.state.phase, step: "checks" };
}
