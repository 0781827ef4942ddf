import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { openEnvelope } from "./dsse.ts";
import {
  listEvidence,
  MANIFEST,
  MANIFEST_SIGNATURE,
  sha256,
  type Manifest,
  type ManifestFile,
} from "./manifest.ts";
import { verifyHeads } from "./verify-heads.ts";
import { verifyJournals } from "./verify-journals.ts";

export interface Finding {
  /** `problem`: the evidence is incomplete or was changed; `note`: worth knowing, and explained. */
  readonly kind: "problem" | "note";
  readonly path: string;
  readonly what: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Fingerprints of the keys that signed. */
  readonly signedBy: readonly string[];
  readonly files: number;
  readonly lines: number;
}

/**
 * Checks the evidence of a rollout: every file of the manifest is there and unchanged and no other is, every journal line is
 * linked to the one before, and every signed head stands where it was signed. Reads only, and throws for nothing in it.
 * `trusted` are fingerprints; signatures of other keys are a problem when it is not empty.
 */
export async function verifyEvidence(
  folder: string,
  trusted: readonly string[] = [],
): Promise<Verification> {
  const files = await listEvidence(folder).catch(() => []);
  const journals = await verifyJournals(folder, files);
  const heads = await verifyHeads(folder, files, journals.lineHashes);
  const manifest = await verifyManifest(folder, files);
  const signedBy = [...new Set([...heads.signedBy, ...manifest.signedBy])];
  const strangers = signedBy
    .filter((keyid) => trusted.length > 0 && !trusted.includes(keyid))
    .map((keyid) => problem(MANIFEST_SIGNATURE, `signed by a key that is not trusted: ${keyid}`));
  const findings = [...journals.findings, ...heads.findings, ...manifest.findings, ...strangers];
  return {
    ok: findings.every(({ kind }) => kind === "note"),
    findings,
    signedBy,
    files: files.length,
    lines: journals.lines,
  };
}

async function verifyManifest(
  folder: string,
  files: readonly ManifestFile[],
): Promise<{ readonly findings: readonly Finding[]; readonly signedBy: readonly string[] }> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => null);
  if (text === null)
    return {
      findings: [problem(MANIFEST, "there is none: the rollout has not ended, or it was removed")],
      signedBy: [],
    };
  const manifest = parseManifest(text);
  if (manifest === null)
    return { findings: [problem(MANIFEST, "it is not a manifest")], signedBy: [] };
  const signature = await readFile(join(folder, MANIFEST_SIGNATURE), "utf8").catch(() => "");
  const opened = openEnvelope(signature);
  const signed = opened?.statement.subject[0]?.digest.sha256 === sha256(text);
  const findings = await compare(folder, manifest, files);
  return signed
    ? { findings, signedBy: [opened.keyid] }
    : {
        findings: [
          ...findings,
          problem(MANIFEST_SIGNATURE, "the manifest's signature is missing or wrong"),
        ],
        signedBy: [],
      };
}

async function compare(
  folder: string,
  manifest: Manifest,
  files: readonly ManifestFile[],
): Promise<readonly Finding[]> {
  const present = new Map(files.map((file) => [file.path, file]));
  const listed = new Set(manifest.files.map(({ path }) => path));
  const findings = files
    .filter(({ path }) => !listed.has(path))
    .map(({ path }) => problem(path, "it is not in the manifest: added after the end"));
  for (const file of manifest.files) {
    const now = present.get(file.path);
    if (now === undefined) findings.push(problem(file.path, "it is in the manifest and is gone"));
    else if (now.sha256 !== file.sha256)
      findings.push(
        (await isLateTail(folder, file))
          ? {
              kind: "note",
              path: file.path,
              what: "lines were added after the end by a process that had lost the rollout; none was acted on",
            }
          : problem(file.path, "it was changed since the manifest was written"),
      );
  }
  return findings;
}

/** A runner that lost the rollout may wake up and add lines to its own journal before it learns of it. */
async function isLateTail(folder: string, file: ManifestFile): Promise<boolean> {
  if (!/^journal\.\d+\.ndjson$/u.test(file.path)) return false;
  const content = await readFile(join(folder, file.path));
  return content.length > file.size && sha256(content.subarray(0, file.size)) === file.sha256;
}

function parseManifest(text: string): Manifest | null {
  try {
    const value = JSON.parse(text) as Partial<Manifest>;
    return value.v === 1 && Array.isArray(value.files) ? (value as Manifest) : null;
  } catch {
    return null;
  }
}

function problem(path: string, what: string): Finding {
  return { kind: "problem", path, what };
}
