import type { Event } from "../core/event.ts";
import type { JournalEntry, Engine } from "./ports.ts";

/** What numbers and links the lines of a journal; made by the evidence layer. */
export interface Chain {
  line(fields: {
    readonly at: number;
    readonly mono: number;
    readonly epoch: number;
    readonly actor: string;
    readonly event: unknown;
  }): string;
}

/** The journal of the epoch that this process owns. */
export interface Journal {
  /** Writes events and every line that could not be written before. An Error says that the store did not take them. */
  write(events: readonly Event[]): Promise<{
    readonly entries: readonly JournalEntry[];
    readonly failed: Error | null;
  }>;
  /** Makes the first line of the epoch that ends the rollout; it is claimed, not appended. */
  endLine(epoch: number, event: Event): { readonly line: string; readonly entry: JournalEntry };
  /** The end was claimed: what is still written goes into its epoch. */
  moveTo(epoch: number): void;
  /** The last line that was made, and its number. */
  head(): { readonly seq: number; readonly line: string };
  /** Lines that are not in the store yet. */
  unwritten(): number;
}

/** Opens the journal of an epoch whose first line is claimed already. */
export function openJournal(
  engine: Engine,
  rollout: string,
  epoch: number,
  chain: Chain,
  first: { readonly seq: number; readonly line: string },
): Journal {
  let backlog: readonly string[] = [];
  let head = first;
  let current = epoch;
  const make = (event: Event, of: number): { line: string; entry: JournalEntry } => {
    const fields = {
      at: engine.clock.now(),
      mono: engine.clock.mono(),
      epoch: of,
      actor: engine.by,
      event,
    };
    const line = chain.line(fields);
    head = { seq: head.seq + 1, line };
    return { line, entry: { ...fields, seq: head.seq } };
  };
  return {
    async write(events) {
      const made = events.map((event) => make(event, current));
      backlog = [...backlog, ...made.map(({ line }) => line)];
      let failed: Error | null = null;
      try {
        await engine.store.append(rollout, current, backlog);
        backlog = [];
      } catch (error) {
        failed = error instanceof Error ? error : new Error(String(error));
      }
      for (const { entry, line } of made) engine.observe(entry, line);
      return { entries: made.map(({ entry }) => entry), failed };
    },
    endLine: (end, event) => make(event, end),
    moveTo(epoch) {
      current = epoch;
      // Lines that the store never took belong to the epoch before, and nobody can add them there any more.
      backlog = [];
    },
    head: () => head,
    unwritten: () => backlog.length,
  };
}
