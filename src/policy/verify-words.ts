import type { Entry } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
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
}

/**
 * Checks the words of a journal again: that every word which counted for somebody is signed by them, for this rollout and its
 * plan, and was in time. Pure.
 */
export function verifyWords({ plan, digest, rollout, entries }: WordsOfRollout): VerifiedWords {
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
    } else if (word.authority !== undefined) signed.push(`${word.authority.person}: ${about}`);
  }
  return { problems, signed };
}
