import type { Event } from "../core/event.ts";
import type { Journal } from "./journal.ts";
import type { JournalEntry } from "./ports.ts";
import type { Run } from "./run.ts";

/** Events whose line is signed: from then on nothing before them can be cut off unseen. */
const SIGNED: ReadonlySet<Event["kind"]> = new Set([
  "claimed",
  "baseline-captured",
  "stage-passed",
  "rolling-back",
  "restored",
]);

/** Signs the head of the journal where it matters. A key or disk that fails delays and changes nothing. */
export async function signHead(run: Run, journal: Journal, entry: JournalEntry): Promise<void> {
  if (!SIGNED.has(entry.event.kind)) return;
  const head = journal.head();
  try {
    await run.engine.sealHead({
      rollout: run.rollout,
      epoch: entry.epoch,
      ...head,
      why: entry.event.kind,
      at: new Date(entry.at).toISOString(),
    });
  } catch {
    // `canary verify` shows what is not signed.
  }
}
