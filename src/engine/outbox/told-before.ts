import type { Receipt } from "../../sinks/sink.ts";
import type { JournalEntry } from "../ports.ts";

/** What the epochs before have told already. */
export interface ToldBefore {
  /** Whether there is an outcome for this reaction to this event. */
  has(reaction: string, of: string): boolean;
  /** The last receipt of each place. */
  readonly receipts: ReadonlyMap<string, Receipt>;
}

/** Reads what became of messages from a journal: what was delivered, or given up, is not sent again. */
export function toldBefore(entries: readonly JournalEntry[]): ToldBefore {
  const done = new Set<string>();
  const receipts = new Map<string, Receipt>();
  for (const { event } of entries) {
    if (event.kind !== "delivered" && event.kind !== "not-delivered") continue;
    done.add(`${event.of} ${event.reaction}`);
    receipts.set(event.to, event.receipt);
  }
  return { has: (reaction, of) => done.has(`${of} ${reaction}`), receipts };
}
