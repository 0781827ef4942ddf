import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { MANIFEST, MANIFEST_SIGNATURE } from "./manifest-names.ts";

export interface EvidenceFile {
  /** Relative to the folder of the rollout, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last written, ISO 8601, UTC. */
  readonly at: string;
}

export interface EvidenceList {
  readonly files: readonly EvidenceFile[];
  /** What is not a readable file, and so cannot be evidence: a link may lead anywhere, a pipe never ends. */
  readonly strange: readonly { readonly path: string; readonly what: string }[];
}

/**
 * Working files of the store and of writes under way: a heartbeat, the reserve, where the journal is, the draft of a file. Only these exact
 * names: anything else that is hidden is a file like every other.
 */
const WORKING = /(?:^|\/)\.(?:beat\.\d+|reserve|store|[\da-f]{16}\.(?:claim|tmp))$/u;

const SEALS: ReadonlySet<string> = new Set([MANIFEST, MANIFEST_SIGNATURE]);

/** Every file of the evidence, by path. The manifest itself and the working files of the store are not evidence. */
export async function listEvidence(folder: string): Promise<EvidenceList> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({
      path: relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"),
      isFile: entry.isFile(),
    }))
    .filter(({ path, isFile }) => !isFile || !(SEALS.has(path) || WORKING.test(path)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const files: EvidenceFile[] = [];
  const strange: { path: string; what: string }[] = [];
  for (const { path, isFile } of found) {
    if (!isFile) {
      strange.push({ path, what: "it is a link or a device, not a file" });
      continue;
    }
    try {
      files.push(await describe(folder, path));
    } catch (error) {
      strange.push({ path, what: error instanceof Error ? error.message : String(error) });
    }
  }
  return { files, strange };
}

/** Size and hash are of the same bytes: a journal may grow while it is read. */
async function describe(folder: string, path: string): Promise<EvidenceFile> {
  const whole = join(folder, path);
  const { mtime } = await stat(whole);
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(whole) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { path, sha256: hash.digest("hex"), size, at: mtime.toISOString() };
}
