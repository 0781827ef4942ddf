import type { End } from "../../src/core/ending.ts";
import type { Event } from "../../src/core/event.ts";
import { parseJournal } from "../../src/evidence/journal-line.ts";
import type { History } from "./world.ts";

/** One line of a journal, with the clock of the process that wrote it. */
export interface Line {
  readonly epoch: number;
  readonly mono: number;
  readonly event: Event;
  /** As the store has it. */
  readonly text: string;
}

const read = new WeakMap<History, readonly Line[]>();

/** Every line of a run that is over; parsed once for all rules. */
export function linesOf(history: History): readonly Line[] {
  const known = read.get(history);
  if (known !== undefined) return known;
  const lines = history.epochs.flatMap(({ epoch, lines: texts }) =>
    parseJournal<Event>(texts).entries.map(({ mono, event }, index) => ({
      epoch,
      mono,
      event,
      text: texts[index] ?? "",
    })),
  );
  read.set(history, lines);
  return lines;
}

/** Every end that was claimed, in order; an abort after an end makes another. */
export function endsOf(history: History): readonly { epoch: number; mono: number; end: End }[] {
  return linesOf(history).flatMap(({ epoch, mono, event }) =>
    event.kind === "claimed" && event.end !== null ? [{ epoch, mono, end: event.end }] : [],
  );
}
