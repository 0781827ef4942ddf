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
