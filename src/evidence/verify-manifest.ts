import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { openEnvelope } from "./dsse.ts";
import { note, problem, type Finding } from "./finding.ts";
import type { EvidenceFile, EvidenceList } from "./list-evidence.ts";
import { MANIFEST, MANIFEST_SIGNATURE } from "./manifest-names.ts";
import { MANIFEST_PREDICATE, parseManifest, sha256, type Manifest } from "./manifest.ts";
import type { Signature } from "./verify-heads.ts";

export interface VerifiedManifest {
  readonly findings: readonly Finding[];
  readonly signedBy: readonly Signature[];
  /** The rollout that it names; null when there is no manifest. */
  readonly rollout: string | null;
}

/** Checks that the manifest is signed, and that exactly its files are there as they were. */
export async function verifyManifest(
  folder: string,
  list: EvidenceList,
): Promise<VerifiedManifest> {
  const read = async (name: string): Promise<string | null> =>
    list.strange.some(({ path }) => path === name)
      ? null
      : await readFile(join(folder, name), "utf8").catch(() => null);
  const text = await read(MANIFEST);
  if (text === null) return nothing("there is none: the rollout has not ended, or it was removed");
  const manifest = parseManifest(text);
  if (manifest === null) return nothing("it is not a manifest");
  const findings = await compare(folder, manifest, list);
  const signature = await read(MANIFEST_SIGNATURE);
  const opened = signature === null ? null : openEnvelope(signature);
  const isSeal = opened?.statement.predicateType === MANIFEST_PREDICATE;
  const signed = isSeal && opened.statement.subject[0]?.digest.sha256 === sha256(text);
  if (!isSeal) findings.push(problem(MANIFEST_SIGNATURE, "it is no signature, or a wrong one"));
  else if (!signed) findings.push(problem(MANIFEST, "it was changed since it was signed"));
  return {
    findings,
    signedBy: signed ? [{ path: MANIFEST_SIGNATURE, keyid: opened.keyid }] : [],
    rollout: manifest.rollout,
  };
}

function nothing(what: string): VerifiedManifest {
  return { findings: [problem(MANIFEST, what)], signedBy: [], rollout: null };
}

async function compare(
  folder: string,
  manifest: Manifest,
  { files, strange }: EvidenceList,
): Promise<Finding[]> {
  const present = new Map(files.map((file) => [file.path, file]));
  const listed = new Set(manifest.files.map(({ path }) => path));
  const findings = files.filter(({ path }) => !listed.has(path)).map(({ path }) => extra(path));
  const unread = new Set(strange.map(({ path }) => path));
  const last = manifest.files.reduce((most, { path }) => Math.max(most, epochOf(path)), 0);
  for (const file of manifest.files) {
    const now = present.get(file.path);
    if (now === undefined) {
      if (!unread.has(file.path))
        findings.push(problem(file.path, "it is in the manifest and is gone"));
    } else if (now.sha256 !== file.sha256 || now.size !== file.size)
      findings.push(await changed(folder, file, now, epochOf(file.path) < last));
  }
  return findings;
}

function extra(path: string): Finding {
  // Anybody may post a word at any time; the owner's journal says which it took in.
  return path.startsWith("inbox/")
    ? note(path, "a word that came after the end: nobody acted on it")
    : problem(path, "it is not in the manifest: added after the end");
}

/** `superseded`: the file is the journal of an epoch that another one followed. Its runner may wake up and write late. */
async function changed(
  folder: string,
  file: EvidenceFile,
  now: EvidenceFile,
  superseded: boolean,
): Promise<Finding> {
  if (now.size < file.size)
    return problem(file.path, `it was cut from ${file.size} to ${now.size} bytes`);
  if (superseded && epochOf(file.path) > 0) {
    const content = await readFile(join(folder, file.path)).catch(() => Buffer.alloc(0));
    if (content.length > file.size && sha256(content.subarray(0, file.size)) === file.sha256)
      return note(
        file.path,
        "lines were added after the end by a process that had lost the rollout; none was acted on",
      );
  }
  return problem(file.path, "it was changed since the manifest was written");
}

/** The epoch of a journal; 0 for every other file. */
function epochOf(path: string): number {
  return Number(/^journal\.(\d{1,9})\.ndjson$/u.exec(path)?.[1] ?? 0);
}
