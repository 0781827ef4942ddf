import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { signStatement, type Statement } from "./dsse.ts";
import type { SigningKey } from "./signing-key.ts";
import { writeFileAtomic } from "./write-file.ts";

export const MANIFEST = "manifest.json";
export const MANIFEST_SIGNATURE = "manifest.dsse.json";

export interface ManifestFile {
  /** Relative to the folder of the rollout, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last written, ISO 8601, UTC. */
  readonly at: string;
}

export interface Manifest {
  readonly v: 1;
  readonly rollout: string;
  readonly at: string;
  readonly files: readonly ManifestFile[];
}

/** Lists and signs every file of a rollout's folder; replaces the manifest of an earlier end. */
export async function writeManifest(
  folder: string,
  rollout: string,
  key: SigningKey,
  at: string,
): Promise<void> {
  const manifest: Manifest = { v: 1, rollout, at, files: await listEvidence(folder) };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const statement: Statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: MANIFEST, digest: { sha256: sha256(text) } }],
    predicateType: "https://canary-rollout.dev/manifest/v1",
    predicate: { rollout, at },
  };
  await writeFileAtomic(join(folder, MANIFEST), text);
  const envelope = signStatement(key, statement);
  await writeFileAtomic(join(folder, MANIFEST_SIGNATURE), `${JSON.stringify(envelope, null, 2)}\n`);
}

/** Every file of the evidence, by path; the manifest itself and the working files of the store are not evidence. */
export async function listEvidence(folder: string): Promise<readonly ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => path !== MANIFEST && path !== MANIFEST_SIGNATURE && !isWorkingFile(path))
    .toSorted();
  return Promise.all(paths.map((path) => describe(folder, path)));
}

/** Whether a file is the store's own working file: a heartbeat, a reserve, a claim under way. */
function isWorkingFile(path: string): boolean {
  return path.split("/").some((part) => part.startsWith("."));
}

async function describe(folder: string, path: string): Promise<ManifestFile> {
  const whole = join(folder, path);
  const [content, { size, mtime }] = await Promise.all([readFile(whole), stat(whole)]);
  return { path, sha256: sha256(content), size, at: mtime.toISOString() };
}

/** SHA-256 in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
