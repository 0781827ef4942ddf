import { open, readFile } from "node:fs/promises";

import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { sha256, type EnvRef } from "./env-field.ts";
import { readEnvKey } from "./env-text.ts";

/**
 * Keeps the file's text beside it, for its owner's eyes only, before a secret value in it is replaced: the rollback
 * bundle holds hashes of secrets and the path of this copy. One that is there stays: it is from before the first write.
 */
export async function keepCopy(path: string, text: string): Promise<Answer<null>> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    return ok(null);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return ok(null);
    return failed(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The text behind a hash: the plan's own value, or the old one from the copy. */
export async function revealSecret(
  hash: string,
  ref: EnvRef,
  resolve: (text: string) => string,
): Promise<Answer<string>> {
  const own = resolved(ref.secret ?? "", resolve);
  if (own !== null && sha256(own) === hash) return ok(own);
  try {
    const old = readEnvKey(await readFile(ref.copy, "utf8"), ref.key);
    if (old !== null && sha256(old) === hash) return ok(old);
    return failed(`${ref.copy} does not hold the old ${ref.key}`);
  } catch {
    return failed(`the old ${ref.key} was kept in ${ref.copy}, which cannot be read`);
  }
}

// On the way back the new secret may be gone: only the old one is needed then.
function resolved(text: string, resolve: (text: string) => string): string | null {
  try {
    return resolve(text);
  } catch {
    return null;
  }
}
