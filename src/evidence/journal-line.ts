import { hash } from "node:crypto";

import type { MonoTime, WallTime } from "../core/units.ts";

/** One line of a journal. `prev` is the SHA-256 of the exact bytes of the line before, without its newline. */
export interface JournalLine<E> {
  readonly v: 1;
  readonly seq: number;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly mono: number;
  readonly epoch: number;
  readonly actor: string;
  readonly prev: string | null;
  readonly event: E;
}

export interface LineFields {
  readonly at: WallTime;
  readonly mono: MonoTime;
  readonly epoch: number;
  readonly actor: string;
  readonly event: unknown;
}

/** A line of the journal and its number: what the next line is linked to. */
export interface Link {
  readonly seq: number;
  readonly line: string;
}

/** Numbers lines and links each to the one before; `previous` is the last line of the epoch before. */
export function createChain(previous: Link | null): { line(fields: LineFields): string } {
  let last = previous;
  return {
    line({ at, mono, epoch, actor, event }) {
      const seq = (last?.seq ?? 0) + 1;
      const line = JSON.stringify({
        v: 1,
        seq,
        at: new Date(at).toISOString(),
        mono: Math.round(mono * 1000) / 1000,
        epoch,
        actor,
        prev: last === null ? null : hashLine(last.line),
        event,
      });
      last = { seq, line };
      return line;
    },
  };
}

/** Reads the lines of an epoch. Never throws: what is not a line of a journal, or is not linked, is a problem with its number. */
export function parseJournal<E>(
  lines: readonly string[],
  previous: Link | null = null,
): { readonly entries: readonly JournalLine<E>[]; readonly problems: readonly string[] } {
  const entries: JournalLine<E>[] = [];
  const problems: string[] = [];
  let before = previous;
  for (const [index, line] of lines.entries()) {
    const entry = parseLine<E>(line);
    if (entry === null) {
      problems.push(`line ${index + 1} is not a line of a journal`);
      before = null;
      continue;
    }
    if (before !== null && entry.prev !== hashLine(before.line))
      problems.push(`line ${index + 1} is not linked to the line before it`);
    if (before !== null && entry.seq !== before.seq + 1)
      problems.push(`line ${index + 1} has number ${entry.seq}, not ${before.seq + 1}`);
    entries.push(entry);
    before = { seq: entry.seq, line };
  }
  return { entries, problems };
}

/** SHA-256 of a line, in hex. */
export function hashLine(line: string): string {
  return hash("sha256", line);
}

/** One line by itself; null when it is none. Never throws. */
export function parseLine<E>(line: string): JournalLine<E> | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    const entry = value as Partial<JournalLine<E>>;
    const { event } = entry as { event?: { kind?: unknown } | null };
    const sound =
      entry.v === 1 &&
      Number.isSafeInteger(entry.seq) &&
      Number.isSafeInteger(entry.epoch) &&
      typeof entry.actor === "string" &&
      (entry.prev === null || typeof entry.prev === "string") &&
      typeof entry.mono === "number" &&
      typeof entry.at === "string" &&
      Number.isFinite(Date.parse(entry.at)) &&
      typeof event?.kind === "string";
    return sound ? (value as JournalLine<E>) : null;
  } catch {
    return null;
  }
}
