import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { openEnvelope } from "./dsse.ts";
import { HEAD } from "./journal-head.ts";
import type { ManifestFile } from "./manifest.ts";
import type { Finding } from "./verify.ts";

/** Checks that every signed head is signed well, and that its line stands in the journal as it was. */
export async function verifyHeads(
  folder: string,
  files: readonly ManifestFile[],
  lineHashes: ReadonlyMap<number, ReadonlyMap<number, string>>,
): Promise<{ readonly findings: readonly Finding[]; readonly signedBy: readonly string[] }> {
  const paths = files.map(({ path }) => path).filter((path) => path.startsWith("heads/"));
  const findings: Finding[] = [];
  const signedBy: string[] = [];
  if (paths.length === 0)
    findings.push({ kind: "problem", path: "heads", what: "no head of the journal is signed" });
  for (const path of paths) {
    const opened = openEnvelope(await readFile(join(folder, path), "utf8"));
    if (opened === null || opened.statement.predicateType !== HEAD) {
      findings.push({ kind: "problem", path, what: "its signature is wrong" });
      continue;
    }
    signedBy.push(opened.keyid);
    const { epoch, seq } = opened.statement.predicate;
    const live = lineHashes.get(Number(epoch))?.get(Number(seq));
    if (live === opened.statement.subject[0]?.digest.sha256) continue;
    const what =
      live === undefined
        ? `line ${Number(seq)} of epoch ${Number(epoch)} was signed and is gone: the journal was cut`
        : `line ${Number(seq)} of epoch ${Number(epoch)} was changed since it was signed`;
    findings.push({ kind: "problem", path, what });
  }
  return { findings, signedBy };
}
