import { readFile } from "node:fs/promises";

import { parseAllowedSigners, type AllowedSigner } from "../evidence/allowed-signers.ts";
import { UsageError } from "./usage-error.ts";

/** The fingerprint of this user's own signing key; null when there is none yet, or it cannot be read. */
export async function ownFingerprint(): Promise<string | null> {
  const [{ knownPublicKey }, { fingerprint }, { stateDir }] = await Promise.all([
    import("../evidence/signing-key.ts"),
    import("../evidence/dsse.ts"),
    import("../store/state-dir.ts"),
  ]);
  const key = await knownPublicKey(stateDir()).catch(() => null);
  return key === null ? null : fingerprint(key);
}

/** `--trust` as `canary verify` prints fingerprints. */
export function parseFingerprints(given: readonly string[]): readonly string[] {
  return given.map((text) => {
    const lower = text.toLowerCase();
    if (!/^[0-9a-f]{64}$/u.test(lower))
      throw new UsageError(
        `--trust ${text} is no fingerprint`,
        "write its 64 hexadecimal digits, as `canary verify` prints them",
      );
    return lower;
  });
}

/** The lines of an `allowed_signers` file that are about canary. Throws a `UsageError` that names every line which is wrong. */
export async function readAllowedSigners(file: string): Promise<readonly AllowedSigner[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  });
  const { signers, problems } = parseAllowedSigners(text);
  if (problems.length > 0)
    throw new UsageError(problems.map(({ line, what }) => `${file}:${line}: ${what}`).join("\n"));
  if (signers.length === 0)
    throw new UsageError(
      `${file} lets nobody sign for canary`,
      'write `NAME namespaces="canary" ssh-ed25519 AAAA…`: the line of `canary key --allowed NAME`',
    );
  return signers;
}
