import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import type { Machine } from "../machine/machine.ts";
import { sha256, type EnvRef } from "./env-field.ts";
import { readEnvKey } from "./env-text.ts";

/**
 * The text behind a hash: the plan's own value, or the old one from the copy beside the file, which was made for its
 * owner's eyes only before the first secret was replaced.
 */
export async function revealSecret(
  hash: string,
  ref: EnvRef,
  machine: Machine,
): Promise<Answer<string>> {
  const own = resolved(ref.secret ?? "", machine.context.resolve);
  if (own !== null && sha256(own) === hash) return ok(own);
  const copy = await machine.readText(ref.copy);
  if (copy.kind !== "ok")
    return failed(`the old ${ref.key} was kept in ${ref.copy}, which cannot be read`);
  const old = readEnvKey(copy.value, ref.key);
  return old !== null && sha256(old) === hash
    ? ok(old)
    : failed(`${ref.copy} does not hold the old ${ref.key}`);
}

// On the way back the new secret may be gone: only the old one is needed then.
function resolved(text: string, resolve: (text: string) => string): string | null {
  try {
    return resolve(text);
  } catch {
    return null;
  }
}
