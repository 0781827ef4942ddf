import type { Entry, Word } from "../core/event.ts";
import type { Role, Task } from "../core/governance.ts";
import type { Plan } from "../core/plan.ts";
import type { Cause } from "../core/state.ts";
import type { Millis, WallTime } from "../core/units.ts";
import { authorize } from "./authorize.ts";
import { mayStop, personNamed } from "./role.ts";

/** Something that is owed after a rollback. */
export interface OwedTask {
  readonly name: string;
  readonly text: string;
  /** The role that says it is done; null: anybody whom the policy knows. */
  readonly by: Role | null;
  /** Who must not say it, because it is about them; null: nobody. */
  readonly notBy: string | null;
  readonly due: WallTime;
  /** Who said that it is done, and when; null while it is owed. */
  readonly done: { readonly by: string; readonly at: WallTime; readonly reason: string } | null;
  /** Words about it that count for nobody, and why. */
  readonly refused: readonly string[];
}

/** The name of the task that an abort by somebody leaves whom the policy does not let stop. */
export const BREAK_GLASS = "break-glass";

const REVIEW: Millis = 86_400_000;

/** What is known of a rollout. */
export interface TaskContext {
  readonly plan: Plan;
  readonly digest: string;
  readonly rollout: string;
  readonly entries: readonly Pick<Entry, "at" | "event">[];
  /** What people said about tasks after the end. */
  readonly words: readonly Word[];
}

/** What is owed after a rollout that went back: the policy's tasks, and a look at a broken glass. Pure. */
export function owedTasks(context: TaskContext): readonly OwedTask[] {
  const { plan, entries } = context;
  const owed: Omit<OwedTask, "done" | "refused">[] = [];
  const end = entries.findLast(({ event }) => event.kind === "claimed" && event.end !== null);
  const wentBack =
    end?.event.kind === "claimed" &&
    (end.event.end?.kind === "rolled-back" || end.event.end?.kind === "rollback-failed");
  if (end !== undefined && wentBack)
    for (const task of plan.governance?.tasks ?? []) owed.push(owedFrom(task, end.at));
  const broken = entries.find(({ event }) => isBroken(plan, event));
  if (broken?.event.kind === "claimed" && broken.event.cause !== null)
    owed.push(reviewOf(broken.event.cause, broken.at));
  return owed.map((task) => ({ ...task, ...settled(task, context) }));
}

function owedFrom(
  { name, text, by, within }: Task,
  from: WallTime,
): Omit<OwedTask, "done" | "refused"> {
  return { name, text, by, notBy: null, due: from + within };
}

function reviewOf({ by, text }: Cause, at: WallTime): Omit<OwedTask, "done" | "refused"> {
  return {
    name: BREAK_GLASS,
    text: `somebody else looks at the abort by ${by}: ${text}`,
    by: null,
    notBy: by,
    due: at + REVIEW,
  };
}

/** Whether a takeover was an abort by somebody whom the policy does not let stop. */
function isBroken(plan: Plan, event: Entry["event"]): boolean {
  if (event.kind !== "claimed" || event.mode !== "rollback") return false;
  if (event.cause?.kind !== "abort") return false;
  return event.cause.breakGlass === true || isOutsider(plan, event.cause.by);
}

/**
 * Whether a policy exists, and does not let this person stop a rollout. Names of the journal are not signed: `ana@laptop`
 * is taken for ana.
 */
export function isOutsider({ governance }: Pick<Plan, "governance">, name: string): boolean {
  if (governance === undefined) return false;
  const { people } = governance;
  const person = personNamed(people, name) ?? personNamed(people, name.replace(/(?<=.)@.*$/u, ""));
  return person === null || !mayStop(governance, person);
}

function settled(
  task: Omit<OwedTask, "done" | "refused">,
  { plan, digest, rollout, words }: TaskContext,
): Pick<OwedTask, "done" | "refused"> {
  const refused: string[] = [];
  for (const said of words.filter(({ check, yes }) => check === task.name && yes)) {
    const at = Date.parse(said.proof?.at ?? "");
    // Once given in time it stays given: it is judged at the time that was signed.
    const word = authorize(said, { plan, digest, rollout, now: at });
    const problem = refuse(task, word, plan);
    if (problem === null) return { done: { by: word.by, at, reason: word.reason }, refused };
    refused.push(problem);
  }
  return { done: null, refused };
}

function refuse(
  { by, notBy }: Omit<OwedTask, "done" | "refused">,
  word: Word,
  { governance }: Plan,
): string | null {
  if (word.by === notBy) return `${word.by} cannot look at what ${word.by} did`;
  if (governance === undefined) return null;
  if (word.authority === undefined) return word.unproven ?? `the word of ${word.by} is not signed`;
  const { person, roles } = word.authority;
  return by === null || roles.includes(by) ? null : `${person} is not ${by}`;
}
