import { createHash } from "node:crypto";

/** SHA-256 of a token's text, in hex. */
export function hashToken(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
