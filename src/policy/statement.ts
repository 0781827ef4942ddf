import type { Proof, Word } from "../core/event.ts";
import { canonicalJson } from "../plan/canonical-json.ts";

/** What is signed: the word and what it is about, in one form only. `by` is the name under which the policy knows the person. */
export function statementText(word: Word, proof: Omit<Proof, "signature">): string {
  const { kind, by, reason, check, yes, stage, hold } = word;
  const { digest, rollout, at, expires } = proof;
  const about = { digest, rollout, at, expires };
  return canonicalJson({ v: 1, kind, by, reason, check, yes, stage, hold, ...about });
}
