import { generateKeyPairSync } from "node:crypto";

import type { Word } from "../../../src/core/event.ts";
import type { SigningKey } from "../../../src/evidence/signing-key.ts";
import { sshPublicKey } from "../../../src/evidence/ssh-key.ts";
import { signSsh } from "../../../src/evidence/ssh-signature.ts";
import { statementText } from "../../../src/policy/statement.ts";

/** Somebody with a key of their own. */
export interface Signer {
  readonly name: string;
  readonly key: SigningKey;
  readonly line: string;
}

export function signer(name: string): Signer {
  const key = generateKeyPairSync("ed25519");
  return { name, key, line: sshPublicKey(key.publicKey) };
}

export const NOW = Date.parse("2026-11-25T10:00:00Z");
const DAY = 86_400_000;

/** A confirmation that is signed; `about` is what is signed besides. */
export function signed(
  who: Signer,
  word: Partial<Word>,
  about: { digest: string; rollout?: string | null; at?: number; expires?: number },
): Word {
  const { digest, rollout = null, at = NOW - 60_000, expires = NOW + DAY } = about;
  const whole: Word = {
    kind: "confirm",
    by: who.name,
    reason: "looks good",
    check: "approval-council",
    yes: true,
    stage: null,
    hold: null,
    ...word,
  };
  const bare = {
    digest,
    rollout,
    at: new Date(at).toISOString(),
    expires: new Date(expires).toISOString(),
  };
  const signature = signSsh(who.key, statementText(whole, bare));
  return { ...whole, proof: { ...bare, signature } };
}
