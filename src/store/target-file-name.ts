import { createHash } from "node:crypto";

/** How much of a target's name stays readable, so that the whole is far below any limit of a file name. */
const READABLE = 80;

/** A file name for a target: readable, and unique by the hash of the whole. */
export function targetFileName(target: string): string {
  const readable = target.replaceAll(/[^\w.-]+/gu, "_").slice(0, READABLE);
  return `${readable}.${createHash("sha256").update(target).digest("hex").slice(0, 32)}`;
}
