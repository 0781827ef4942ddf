import { randomBytes } from "node:crypto";

import type { Millis, WallTime } from "../core/units.ts";
import { hashToken } from "./hash-token.ts";
import type { Token } from "./token.ts";

/**
 * Makes a token of 256 random bits. Its text is given here once and is nowhere else. With so many bits a plain SHA-256
 * keeps it: there is nothing to guess that a slow hash would make slower.
 */
export function issueToken(
  person: string,
  roles: readonly string[],
  lasts: Millis,
  now: WallTime,
): { readonly text: string; readonly token: Token } {
  const id = randomBytes(4).toString("hex");
  const text = `canary_${id}_${randomBytes(32).toString("base64url")}`;
  return {
    text,
    token: {
      id,
      person,
      roles,
      sha256: hashToken(text),
      issued: new Date(now).toISOString(),
      expires: new Date(now + lasts).toISOString(),
    },
  };
}
