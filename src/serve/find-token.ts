import { timingSafeEqual } from "node:crypto";

import { hashToken } from "./hash-token.ts";
import type { Token } from "./token.ts";

/**
 * The token with this text, or null. Hashes are compared, each in constant time, and always all of them: how long the
 * answer takes tells neither how much of a guess was right nor which token was meant.
 */
export function findToken(tokens: readonly Token[], text: string): Token | null {
  const given = Buffer.from(hashToken(text), "hex");
  let found: Token | null = null;
  for (const token of tokens)
    if (timingSafeEqual(given, Buffer.from(token.sha256, "hex"))) found = token;
  return found;
}
