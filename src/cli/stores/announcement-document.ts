import { createHash } from "node:crypto";
import { basename, dirname, resolve } from "node:path";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Where a shared store keeps the record of an announcement: a plan's announcements are of no rollout, so they lie under an
 * id of their own, which is as old as none. Null for every other path of the evidence.
 */
export function announcementDocument(
  evidence: string,
  path: string,
): { readonly rollout: string; readonly name: string } | null {
  const folder = dirname(resolve(path));
  if (dirname(folder) !== resolve(evidence, "announcements")) return null;
  const hash = createHash("sha256")
    .update(`announcements of ${basename(folder)}`)
    .digest();
  const id = [...hash.subarray(0, 16)].map((byte) => ALPHABET[byte % 32] ?? "0").join("");
  return { rollout: `0000000000${id}`, name: `announcements/${basename(path)}` };
}
