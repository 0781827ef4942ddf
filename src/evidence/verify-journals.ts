import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { note, problem, type Finding } from "./finding.ts";
import { hashLine, parseJournal, parseLine, type JournalLine } from "./journal-line.ts";
import type { EvidenceFile } from "./list-evidence.ts";
import { verifyClock } from "./verify-clock.ts";

export interface VerifiedEpoch {
  readonly path: string;
  /** The hash of every line, by its number. */
  readonly hashes: ReadonlyMap<number, string>;
}

export interface VerifiedJournals {
  readonly findings: readonly Finding[];
  readonly epochs: ReadonlyMap<number, VerifiedEpoch>;
  readonly lines: number;
  /** What the journals tell, in their order. */
  readonly events: readonly JournalEvent[];
  /** The rollouts that the claims name: one, when all is well. */
  readonly rollouts: readonly string[];
}

/** An event as it stands in a journal that anybody may have changed. */
export interface JournalEvent {
  readonly kind: string;
  readonly rollout?: unknown;
  readonly digest?: unknown;
  readonly fields?: unknown;
  readonly path?: unknown;
  readonly sha256?: unknown;
}

type Entry = JournalLine<JournalEvent>;

interface Epoch {
  readonly path: string;
  readonly epoch: number;
  readonly lines: readonly string[];
  readonly torn: boolean;
  /** The first line, when it is one. */
  readonly first: Entry | null;
  /** The number of a line by its hash. */
  readonly numbers: ReadonlyMap<string, number>;
}

const JOURNAL = /^journal\.([1-9]\d{0,8})\.ndjson$/u;

/** Checks every journal's chain, and that each epoch begins at a line of the one before. */
export async function verifyJournals(
  folder: string,
  files: readonly EvidenceFile[],
): Promise<VerifiedJournals> {
  const epochs = (await Promise.all(files.map(({ path }) => readEpoch(folder, path))))
    .filter((epoch) => epoch !== null)
    .toSorted((a, b) => a.epoch - b.epoch);
  const findings = epochs.length === 0 ? [problem("journal.1.ndjson", "there is no journal")] : [];
  let before: Epoch | null = null;
  for (const epoch of epochs) {
    findings.push(...verifyEpoch(epoch, epoch === epochs.at(-1)), ...verifyLink(before, epoch));
    before = epoch;
  }
  const hashes = epochs.map(({ epoch, path, numbers }): readonly [number, VerifiedEpoch] => [
    epoch,
    { path, hashes: new Map([...numbers].map(([hash, seq]) => [seq, hash])) },
  ]);
  return {
    findings,
    epochs: new Map(hashes),
    events: epochs.flatMap(({ lines }) =>
      lines.flatMap((line) => parseLine<JournalEvent>(line)?.event ?? []),
    ),
    lines: epochs.reduce((sum, { lines }) => sum + lines.length, 0),
    rollouts: epochs.flatMap(({ first }) => {
      const rollout = first?.event.rollout;
      return typeof rollout === "string" ? [rollout] : [];
    }),
  };
}

async function readEpoch(folder: string, path: string): Promise<Epoch | null> {
  const digits = JOURNAL.exec(path)?.[1];
  if (digits === undefined) return null;
  const lines = (await readFile(join(folder, path), "utf8").catch(() => "")).split("\n");
  const torn = lines.pop() !== "";
  const numbers = new Map<string, number>();
  for (const line of lines) {
    const entry = parseLine<Entry["event"]>(line);
    if (entry !== null) numbers.set(hashLine(line), entry.seq);
  }
  const first = parseLine<Entry["event"]>(lines[0] ?? "");
  return { path, epoch: Number(digits), lines, torn, first, numbers };
}

function verifyEpoch({ path, epoch, lines, torn, first }: Epoch, last: boolean): Finding[] {
  const { entries, problems } = parseJournal<Entry["event"]>(lines);
  const findings = problems.map((what) => problem(path, what));
  if (lines.length === 0) findings.push(problem(path, "it has no line"));
  else if (first?.event.kind !== "claimed")
    findings.push(problem(path, "its first line is not a claim"));
  findings.push(...verifyClock(path, entries));
  const stray = entries.find((entry) => entry.epoch !== epoch);
  if (stray !== undefined)
    findings.push(problem(path, `line number ${stray.seq} is of epoch ${stray.epoch}`));
  if (torn) {
    const what = "its last line was cut in the middle of a write";
    // A runner that was killed while it wrote; the takeover went on from the line before.
    findings.push(last ? problem(path, what) : note(path, what));
  }
  return findings;
}

/** A takeover links to the last line that it saw; the process that it superseded may have added some after that. */
function verifyLink(before: Epoch | null, { path, epoch, first }: Epoch): readonly Finding[] {
  const expected = (before?.epoch ?? 0) + 1;
  if (epoch !== expected)
    return [problem(`journal.${expected}.ndjson`, `it is gone: ${path} follows it`)];
  if (first === null) return [];
  if (before === null)
    return first.prev === null && first.seq === 1
      ? []
      : [problem(path, `it begins with line number ${first.seq}: the lines before are gone`)];
  const linked = first.prev === null ? undefined : before.numbers.get(first.prev);
  if (linked === undefined || first.seq !== linked + 1)
    return [problem(path, `its first line is not linked to a line of ${before.path}`)];
  const late = [...before.numbers.values()].filter((seq) => seq > linked).length;
  return late === 0
    ? []
    : [
        note(
          before.path,
          `${late} lines after the one that ${path} goes on from: written meanwhile`,
        ),
      ];
}
