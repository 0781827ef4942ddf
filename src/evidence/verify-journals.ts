import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { hashLine, parseJournal } from "./journal-line.ts";
import type { ManifestFile } from "./manifest.ts";
import type { Finding } from "./verify.ts";

export interface VerifiedJournals {
  readonly findings: readonly Finding[];
  /** By epoch: the hash of every line, by its number. */
  readonly lineHashes: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly lines: number;
}

const JOURNAL = /^journal\.(\d+)\.ndjson$/u;

/** Checks every journal's chain, and that each epoch begins at a line of the one before. */
export async function verifyJournals(
  folder: string,
  files: readonly ManifestFile[],
): Promise<VerifiedJournals> {
  const epochs = files
    .flatMap(({ path }) => {
      const epoch = JOURNAL.exec(path)?.[1];
      return epoch === undefined ? [] : [{ path, epoch: Number(epoch) }];
    })
    .toSorted((a, b) => a.epoch - b.epoch);
  const findings: Finding[] = [];
  const lineHashes = new Map<number, ReadonlyMap<number, string>>();
  let known = new Set<string>();
  for (const [index, { path, epoch }] of epochs.entries()) {
    const text = await readFile(join(folder, path), "utf8");
    const lines = text.split("\n");
    const torn = lines.pop() ?? "";
    const note = (kind: Finding["kind"], what: string): number =>
      findings.push({ kind, path, what });
    if (torn !== "")
      note(
        index < epochs.length - 1 ? "note" : "problem",
        "its last line was cut in the middle of a write",
      );
    const { entries, problems } = parseJournal(lines);
    for (const what of problems) note("problem", what);
    const first = entries[0];
    const expected = epochs[index - 1] === undefined ? null : known;
    if (first !== undefined && !beginsRight(first.prev, expected))
      note("problem", "its first line is not linked to the journal before it");
    lineHashes.set(epoch, new Map(entries.map(({ seq }, at) => [seq, hashLine(lines[at] ?? "")])));
    known = new Set(lines.map(hashLine));
  }
  if (epochs.length === 0)
    findings.push({ kind: "problem", path: "journal.1.ndjson", what: "there is no journal" });
  return {
    findings,
    lineHashes,
    lines: [...lineHashes.values()].reduce((sum, lines) => sum + lines.size, 0),
  };
}

/** A takeover links to the last line that it saw; the process it superseded may have added some after that. */
function beginsRight(prev: string | null, known: ReadonlySet<string> | null): boolean {
  return known === null ? prev === null : prev !== null && known.has(prev);
}
