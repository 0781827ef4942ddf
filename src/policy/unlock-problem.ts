import { addVote, missingVotes, type Vote } from "../core/authority.ts";
import type { Word } from "../core/event.ts";
import { authorize, type WordContext } from "./authorize.ts";

/** The name under which people say that a rollout may be halted where it is. */
export const UNLOCK = "unlock";

/** Why the policy does not let a rollout be unlocked yet, with whose words there are; null when it does. Pure. */
export function unlockProblem(words: readonly Word[], context: WordContext): string | null {
  const quorum = context.plan.governance?.unlock ?? null;
  if (quorum === null) return null;
  const judged = words
    .filter(({ check }) => check === UNLOCK)
    .map((word) => authorize(word, context));
  const votes = judged
    .filter(({ authority }) => authority !== undefined)
    .reduce<readonly Vote[]>((all, word) => addVote(all, word), []);
  const against = votes.find(({ yes }) => !yes);
  if (against !== undefined) return `${against.by} said no`;
  const missing = missingVotes({ quorum, count: 1 }, votes);
  if (missing === null) return null;
  const useless = judged.flatMap(({ unproven }) => unproven ?? []);
  return [missing, ...useless.map((why) => `of no use: ${why}`)].join("; ");
}
