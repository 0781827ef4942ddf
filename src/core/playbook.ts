import type { Fact, Word } from "./event.ts";
import type { Action, Plan, Playbook } from "./plan.ts";
import { awaits, begin, holdFor, type Turn } from "./turn.ts";

type Finished = Extract<Fact, { kind: "action-finished" }>;

/** Why the actions of a playbook cannot be run now, in words; null when they can. */
export function refusePlaybook(turn: Turn, word: Word): string | null {
  const { state, plan } = turn;
  const name = word.check ?? "";
  const playbook = plan.playbooks?.[name];
  if (playbook === undefined) return `the plan has no playbook ${name}`;
  if (playbook.actions.length === 0) return `${name} changes nothing: it is there to be read`;
  if (playbook.asks.length > 0)
    return `${name} needs values of its own, which this rollout did not capture for`;
  if (state.playbook !== null) return `${state.playbook.name} is under way`;
  if (state.phase.kind === "idle" || state.phase.kind === "preparing")
    return "nothing is captured yet";
  return null;
}

/** Starts the next action of the playbook that is run, before anything else goes forward, also while something holds. */
export function runPlaybook(
  turn: Turn,
  run: { readonly name: string; readonly next: number },
): void {
  if (awaits(turn, "apply") || awaits(turn, "read-back")) return;
  const action = turn.plan.playbooks?.[run.name]?.actions[run.next];
  if (action !== undefined) begin(turn, { kind: "apply", action: action.id });
}

/**
 * An action of a playbook was answered. One that failed ends the playbook and holds: what it may have changed is undone
 * with the rollout, if that goes back. False when the action is no playbook's.
 */
export function onPlaybookAction(turn: Turn, { action, result, why }: Finished): boolean {
  const { state, plan } = turn;
  const playbook = ownerOf(plan, action);
  if (playbook === undefined) return false;
  const { phase } = state;
  // What was read back before it is old: it is read again right before the rollout's own next change.
  if (phase.kind === "applying" || phase.kind === "finishing")
    state.phase = { ...phase, checked: false };
  if (state.playbook === null) return true;
  if (result !== "applied") {
    state.playbook = null;
    const title = playbook.actions.find(({ id }) => id === action)?.title ?? action;
    const problem = `${title} ${result}: ${why}`;
    turn.notes.push({ kind: "playbook-finished", playbook: playbook.name, problem });
    holdFor(turn, {
      kind: "person",
      why: `playbook ${playbook.name}: ${problem}`,
      clears: "person",
    });
    return true;
  }
  const next = state.playbook.next + 1;
  const isDone = next >= playbook.actions.length;
  state.playbook = isDone ? null : { ...state.playbook, next };
  if (isDone)
    turn.notes.push({ kind: "playbook-finished", playbook: playbook.name, problem: null });
  return true;
}

/** The actions of all playbooks whose values are known: they are captured with those of the stages. */
export function playbookActions(plan: Plan): readonly Action[] {
  return Object.values(plan.playbooks ?? {}).flatMap(({ actions, asks }) =>
    asks.length === 0 ? actions : [],
  );
}

function ownerOf(plan: Plan, action: string): Playbook | undefined {
  return Object.values(plan.playbooks ?? {}).find(({ actions }) =>
    actions.some(({ id }) => id === action),
  );
}
