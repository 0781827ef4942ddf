import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { listEvidence } from "../../evidence/list-evidence.ts";
import { MANIFEST, MANIFEST_SIGNATURE } from "../../evidence/manifest-names.ts";
import type { SharedStore } from "../../store/shared-store.ts";

/** The document that names the files of the evidence which are kept in the store. */
const INDEX = "evidence.json";
/** What the store has anyway. */
const LEFT_OUT = /^(?:journal\.\d+\.ndjson|plan\.(?:yaml|json)|rollback\.json)$/u;

/** A file of the evidence as the store has it. */
export interface KeptFile {
  readonly path: string;
  readonly sha256: string;
}

/** Keeps the files of a rollout's evidence in the store: of a Pod nothing else is left when it is gone. */
export async function keepFiles(
  shared: SharedStore,
  folder: string,
  rollout: string,
): Promise<void> {
  const before = new Map((await keptFiles(shared, rollout)).map((file) => [file.path, file]));
  const { files } = await listEvidence(folder);
  const paths = files.map(({ path }) => path).filter((path) => !LEFT_OUT.test(path));
  for (const path of [...paths, MANIFEST, MANIFEST_SIGNATURE]) {
    const content = await readFile(join(folder, path)).catch(() => null);
    if (content === null) continue;
    const sha256 = createHash("sha256").update(content).digest("hex");
    if (before.get(path)?.sha256 === sha256) continue;
    await shared.keep(rollout, documentOf(path), content.toString("base64"));
    before.set(path, { path, sha256 });
  }
  await shared.keep(rollout, INDEX, JSON.stringify({ v: 1, files: [...before.values()] }));
}

/** The files of the evidence that the store has; none where the rollout was not in a cluster. */
export async function keptFiles(
  shared: SharedStore,
  rollout: string,
): Promise<readonly KeptFile[]> {
  const text = await shared.kept(rollout, INDEX);
  if (text === null) return [];
  const { files } = JSON.parse(text) as { readonly files: readonly KeptFile[] };
  // Whoever can write to the store must not write to other folders of those who read it.
  return files.filter(({ path }) => !path.startsWith("/") && !path.split("/").includes(".."));
}

/** The content of a kept file; null when it is not there. */
export async function keptFile(
  shared: SharedStore,
  rollout: string,
  path: string,
): Promise<Uint8Array | null> {
  const text = await shared.kept(rollout, documentOf(path));
  return text === null ? null : Buffer.from(text, "base64");
}

function documentOf(path: string): string {
  return `evidence/${path}`;
}
