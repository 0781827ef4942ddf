import {
  addVote,
  confirmNeed,
  missingVotes,
  overrideNeed,
  playbookNeed,
  refuseAuthority,
  resumeNeed,
  type Need,
} from "./authority.ts";
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
      return onResume(turn, word);
    case "override":
      return override(turn, word);
    case "promote":
      return confirmAll(turn, word);
    case "confirm":
      return confirm(turn, word.check ?? "", word);
    case "playbook":
      return playbook(turn, word);
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
  const refusal = word.kind === "playbook" ? refusePlaybook(turn, word) : null;
  return refusal ?? refuseOverride(turn, word) ?? refuseAuthority(turn, word);
}

function refuseOverride(turn: Turn, word: Word): string | null {
  if (word.kind !== "override") return null;
  if (word.reason === "") return "an override needs a reason";
  const gates = turn.plan.stages[turn.state.stage]?.gates ?? [];
  return gates.some(({ id }) => id === word.check)
    ? null
    : `the stage in force has no gate ${word.check ?? ""}`;
}

/** Its changes are made when as many people as the policy asks for have said so; the next time they say so anew. */
function playbook(turn: Turn, word: Word): void {
  const name = word.check ?? "";
  const about = `playbook ${name}`;
  if (!isDecided(turn, about, playbookNeed(turn.plan), { ...word, yes: true })) return;
  turn.state.votes = { ...turn.state.votes, [about]: [] };
  turn.state.playbook = { name, next: 0 };
}

/** Counts a vote; true when enough people have said it, or one has said no. */
function isDecided(turn: Turn, about: string, need: Need, word: Word): boolean {
  const { state } = turn;
  const votes = addVote(state.votes[about] ?? [], word);
  state.votes = { ...state.votes, [about]: votes };
  const missing = missingVotes(need, votes);
  if (missing === null || !word.yes) return true;
  const by = word.authority?.person ?? word.by;
  turn.notes.push({ kind: "word-counted", about, by, missing });
  return false;
}

function onResume(turn: Turn, word: Word): void {
  const need = resumeNeed(turn);
  const about = `resume ${turn.state.hold?.id ?? ""}`;
  if (need === null || isDecided(turn, about, need, word)) resume(turn, word.by);
}

/** The stage may pass without this gate. It is measured all the same, and the triggers stay on. */
function override(turn: Turn, word: Word): void {
  const gate = word.check ?? "";
  const about = `override ${gate}`;
  if (!isDecided(turn, about, overrideNeed(turn.plan), { ...word, yes: true })) return;
  turn.state.overridden = [...new Set([...turn.state.overridden, gate])];
  const by = (turn.state.votes[about] ?? []).map((vote) => vote.by);
  turn.notes.push({ kind: "gate-overridden", gate, by, reason: word.reason });
  askAgain(turn);
}

/** Resume restarts the soak of the stage and the `for` clocks: what was red meanwhile is not forgotten by waiting. */
function resume(turn: Turn, by: string): void {
  const { state } = turn;
  clearHold(turn, by);
  state.since = {};
  state.firing = {};
  // A person has looked at what was proven: from here on it has to be proven anew.
  state.claims = {};
  state.proven = [];
  state.splits = {};
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
  if (!isDecided(turn, `confirm ${name}`, confirmNeed(turn.plan, name), word)) return;
  const votes = turn.state.votes[`confirm ${name}`] ?? [];
  const by = votes.filter(({ yes }) => yes === word.yes).map((vote) => vote.by);
  turn.state.confirmations = {
    ...turn.state.confirmations,
    [name]: { yes: word.yes, by: by.join(", ") },
  };
  askAgain(turn);
}

/** A stage that waits for words alone looks whether it has them all. */
function askAgain({ state }: Turn): void {
  if (state.hold?.kind === "waiting" && state.phase.kind === "closing")
    state.phase = { ...state.phase, step: "checks" };
}
