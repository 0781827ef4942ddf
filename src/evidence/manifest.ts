import { createHash } from "node:crypto";
import { join } from "node:path";

import { signStatement, type Statement } from "./dsse.ts";
import { listEvidence, type EvidenceFile } from "./list-evidence.ts";
import { MANIFEST, MANIFEST_SIGNATURE } from "./manifest-names.ts";
import type { SigningKey } from "./signing-key.ts";
import { writeFileAtomic } from "./write-file.ts";

/** What the signature of a manifest is about. */
export const MANIFEST_PREDICATE = "https://canary-rollout.dev/manifest/v1";

export interface Manifest {
  readonly v: 1;
  readonly rollout: string;
  /** When it was written, ISO 8601, UTC. */
  readonly at: string;
  readonly files: readonly EvidenceFile[];
}

/** Lists and signs every file of a rollout's folder; replaces the manifest of an earlier end. */
export async function writeManifest(
  folder: string,
  rollout: string,
  key: SigningKey,
  at: string,
): Promise<void> {
  const { files } = await listEvidence(folder);
  const manifest: Manifest = { v: 1, rollout, at, files };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const statement: Statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: MANIFEST, digest: { sha256: sha256(text) } }],
    predicateType: MANIFEST_PREDICATE,
    predicate: { rollout, at },
  };
  await writeFileAtomic(join(folder, MANIFEST), text);
  const envelope = signStatement(key, statement);
  await writeFileAtomic(join(folder, MANIFEST_SIGNATURE), `${JSON.stringify(envelope, null, 2)}\n`);
}

/** Reads the text of a manifest; null when it is none. Never throws. */
export function parseManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { v, rollout, at, files } = value as Partial<Manifest>;
    const sound =
      v === 1 &&
      typeof rollout === "string" &&
      typeof at === "string" &&
      Array.isArray(files) &&
      files.every(isFile);
    return sound ? (value as Manifest) : null;
  } catch {
    return null;
  }
}

function isFile(value: unknown): value is EvidenceFile {
  if (typeof value !== "object" || value === null) return false;
  const { path, sha256: hash, size } = value as Partial<EvidenceFile>;
  return typeof path === "string" && typeof hash === "string" && Number.isSafeInteger(size);
}

/** SHA-256 in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
