import type { Proof, Word } from "../core/event.ts";

const KINDS: Readonly<Record<Word["kind"], true>> = {
  hold: true,
  resume: true,
  promote: true,
  confirm: true,
  playbook: true,
  override: true,
};

/**
 * Reads a word of the inbox; null for anything that is none: the inbox is a folder that others can write to. Whose word it
 * is is never taken from there.
 */
export function parseWord(text: string): Word | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const word = value as Partial<Word>;
    if (!Object.hasOwn(KINDS, String(word.kind)) || typeof word.by !== "string") return null;
    const proof = parseProof(word.proof);
    return {
      kind: word.kind as Word["kind"],
      by: word.by,
      reason: typeof word.reason === "string" ? word.reason : "",
      check: typeof word.check === "string" ? word.check : null,
      yes: word.yes !== false,
      stage: typeof word.stage === "string" ? word.stage : null,
      hold: typeof word.hold === "string" ? word.hold : null,
      ...(proof === null ? {} : { proof }),
    };
  } catch {
    return null;
  }
}

function parseProof(value: unknown): Proof | null {
  if (typeof value !== "object" || value === null) return null;
  const { digest, rollout = null, at, expires, signature } = value as Partial<Proof>;
  if (typeof digest !== "string" || typeof at !== "string" || typeof expires !== "string")
    return null;
  if (typeof signature !== "string" || (rollout !== null && typeof rollout !== "string"))
    return null;
  return { digest, rollout, at, expires, signature };
}
