import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { openEnvelope } from "./dsse.ts";
import { note, problem, type Finding } from "./finding.ts";
import { HEAD } from "./journal-head.ts";
import type { EvidenceFile } from "./list-evidence.ts";
import type { VerifiedEpoch } from "./verify-journals.ts";

/** A good signature and where it stands. */
export interface Signature {
  readonly path: string;
  /** Fingerprint of the key. */
  readonly keyid: string;
}

export interface VerifiedHeads {
  readonly findings: readonly Finding[];
  readonly signedBy: readonly Signature[];
  /** The rollouts that the heads name. */
  readonly rollouts: readonly string[];
}

/**
 * Checks that every signed head is signed well, and that its line stands in the journal as it was. `sealed`: the manifest
 * is signed, and covers the journal by itself.
 */
export async function verifyHeads(
  folder: string,
  files: readonly EvidenceFile[],
  epochs: ReadonlyMap<number, VerifiedEpoch>,
  sealed: boolean,
): Promise<VerifiedHeads> {
  const paths = files.map(({ path }) => path).filter((path) => path.startsWith("heads/"));
  const findings: Finding[] = [];
  const signedBy: Signature[] = [];
  const rollouts: string[] = [];
  const covered = new Set<number>();
  for (const path of paths) {
    const opened = openEnvelope(await readFile(join(folder, path), "utf8").catch(() => ""));
    if (opened === null || opened.statement.predicateType !== HEAD) {
      findings.push(problem(path, "its signature is wrong"));
      continue;
    }
    signedBy.push({ path, keyid: opened.keyid });
    const { rollout, epoch, seq } = opened.statement.predicate;
    if (typeof rollout === "string") rollouts.push(rollout);
    covered.add(Number(epoch));
    const place = `line ${Number(seq)} of epoch ${Number(epoch)}`;
    const live = epochs.get(Number(epoch))?.hashes.get(Number(seq));
    if (live === undefined)
      findings.push(problem(path, `${place} was signed and is gone: the journal was cut`));
    else if (live !== opened.statement.subject[0]?.digest.sha256)
      findings.push(problem(path, `${place} was changed since it was signed`));
  }
  // Who was overtaken at once on the way back signed none here, and the one who overtook it did so on another machine.
  if (paths.length === 0)
    findings.push((sealed ? note : problem)("heads", "no head of the journal is signed"));
  for (const [epoch, { path, hashes }] of epochs) {
    // An epoch of one line is an end: the manifest that follows is its signature.
    if (paths.length > 0 && hashes.size > 1 && !covered.has(epoch))
      findings.push(note(path, "no head of this epoch is signed"));
  }
  return { findings, signedBy, rollouts };
}
