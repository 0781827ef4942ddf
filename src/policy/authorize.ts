import type { Word } from "../core/event.ts";
import type { Governance } from "../core/governance.ts";
import type { Plan } from "../core/plan.ts";
import type { Millis, WallTime } from "../core/units.ts";
import { isSignedBy, keyOfSignature } from "../evidence/ssh-signature.ts";
import { printDuration } from "../plan/scalars/print-duration.ts";
import { personOfKey } from "./role.ts";
import { statementText } from "./statement.ts";

/** What a word is judged against. */
export interface WordContext {
  readonly plan: Pick<Plan, "checks" | "governance">;
  /** The digest of the resolved plan. */
  readonly digest: string;
  /** Null before the start. */
  readonly rollout: string | null;
  readonly now: WallTime;
}

/** Clocks of two machines differ a little. */
const CLOCKS: Millis = 300_000;

/**
 * Finds out whose word it is: the word with `authority`, or with `unproven`, which says why nobody's. What the sender
 * claims of either is dropped. Without a policy a word stays as it is. Never throws.
 */
export function authorize(word: Word, context: WordContext): Word {
  const { authority: _claimed, unproven: _said, ...bare } = word;
  const { governance } = context.plan;
  if (governance === undefined || bare.proof === undefined) return bare;
  const found = judge(bare, context, governance);
  return typeof found === "string"
    ? { ...bare, unproven: found }
    : { ...bare, by: found.person, authority: found };
}

function judge(
  word: Word,
  context: WordContext,
  governance: Governance,
): NonNullable<Word["authority"]> | string {
  const { proof } = word;
  if (proof === undefined) return "it is not signed";
  const key = keyOfSignature(proof.signature);
  if (key === null) return "what it carries is no SSH signature";
  const person = personOfKey(governance.people, key);
  if (person === null) return "it is signed by a key that the policy does not know";
  if (person.name !== word.by) return `it says ${word.by}, and is signed by ${person.name}`;
  if (!isSignedBy(key, statementText(word, proof), proof.signature))
    return `the signature of ${person.name} is not for this word: it was changed`;
  const problem = aboutProblem(word, context) ?? timeProblem(word, context, governance);
  if (problem !== null) return `${person.name} ${problem}`;
  return { person: person.name, roles: person.roles };
}

function aboutProblem({ kind, proof }: Word, { digest, rollout }: WordContext): string | null {
  if (proof?.digest !== digest)
    return `signed the plan ${short(proof?.digest)}, and this one is ${short(digest)}: a changed plan needs a new word`;
  if (proof.rollout === rollout) return null;
  if (proof.rollout === null)
    return kind === "confirm" ? null : `signed a ${kind} for no rollout at all`;
  return `signed it for the rollout ${proof.rollout}`;
}

function timeProblem(
  { check, proof }: Word,
  { plan, now }: WordContext,
  governance: Governance,
): string | null {
  const [at, expires] = [Date.parse(proof?.at ?? ""), Date.parse(proof?.expires ?? "")];
  if (Number.isNaN(at) || Number.isNaN(expires)) return "signed no time";
  if (at > now + CLOCKS) return `signed it at ${proof?.at ?? ""}, which is yet to come`;
  if (expires <= now) return `signed it until ${proof?.expires ?? ""}, which is over`;
  const valid = plan.checks[check ?? ""]?.input["valid"];
  const holds = typeof valid === "number" ? valid : governance.approvalsHold;
  if (at + holds > now) return null;
  return `signed it at ${proof?.at ?? ""}, and it holds for ${printDuration(holds)}`;
}

function short(digest: string | undefined): string {
  return (digest ?? "?").slice(0, 12);
}
