import { isHead, witnessLine } from "../evidence/witness-line.ts";
import type { Journal } from "./journal.ts";
import type { JournalEntry } from "./ports.ts";
import type { Run } from "./run.ts";

/** Signs the head of the journal where it matters. A key or disk that fails delays and changes nothing. */
export async function signHead(run: Run, journal: Journal, entry: JournalEntry): Promise<void> {
  if (!isHead(entry.event)) return;
  const head = journal.head();
  rememberHead(run, journal, entry.epoch);
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

/** What is told from now on names this head, so that whoever is told is a witness of the journal up to here. */
export function rememberHead(run: Run, journal: Journal, epoch: number): void {
  const { seq, line } = journal.head();
  run.head = witnessLine(run.rollout, { epoch, seq }, line);
}
