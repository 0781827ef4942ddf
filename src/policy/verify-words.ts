import type { Entry } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { isAllowed, type AllowedSigner } from "../evidence/allowed-signers.ts";
import { keyOfSignature } from "../evidence/ssh-signature.ts";
import { canonicalJson } from "../plan/canonical-json.ts";
import { authorize } from "./authorize.ts";

export interface VerifiedWords {
  readonly problems: readonly string[];
  /** Whose signed words are in the journal, and about what. */
  readonly signed: readonly string[];
}

/** What is read of a rollout. */
export interface WordsOfRollout {
  readonly plan: Plan;
  readonly digest: string;
  readonly rollout: string;
  readonly entries: readonly Pick<Entry, "at" | "event">[];
  /** Who may sign for what the evidence itself cannot say; null asks the policy in the plan alone. */
  readonly signers?: readonly AllowedSigner[] | null;
}

/**
 * Checks the words of a journal again: that every word which counted for somebody is signed by them, for this rollout and its
 * plan, and was in time. The policy stands in the evidence, so whoever exchanged both is found by `signers` alone. Pure.
 */
export function verifyWords({
  plan,
  digest,
  rollout,
  entries,
  signers = null,
}: WordsOfRollout): VerifiedWords {
  if (plan.governance === undefined) return { problems: [], signed: [] };
  const problems: string[] = [];
  const signed: string[] = [];
  for (const { at, event } of entries) {
    if (event.kind !== "word-received") continue;
    const { word } = event;
    const about = word.check === null ? word.kind : `${word.kind} ${word.check}`;
    const again = authorize(word, { plan, digest, rollout, now: at });
    if (canonicalJson(again.authority ?? null) !== canonicalJson(word.authority ?? null)) {
      const why = again.unproven ?? "it is not signed";
      problems.push(`${about} of ${word.by} counted, and its signature does not say so: ${why}`);
    } else if (word.authority !== undefined) {
      const key = keyOfSignature(word.proof?.signature ?? "") ?? "";
      const name = word.authority.person;
      if (signers === null || isAllowed(signers, { name, key, at }))
        signed.push(`${name}: ${about}`);
      else problems.push(`${about} of ${name} is signed by a key that is not allowed for ${name}`);
    }
  }
  return { problems, signed };
}
