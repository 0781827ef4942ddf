import type { Millis } from "../../core/units.ts";
import type { JournalEntry } from "../ports.ts";
import type { Run } from "../run.ts";
import type { Occasion } from "./carry-out.ts";
import { eventWords } from "./event-words.ts";
import { missingCredentials } from "./missing-credentials.ts";
import { openPost } from "./post.ts";
import { react } from "./react.ts";
import { openSchedule } from "./schedule.ts";
import { reactionEventOf, tell, untold } from "./tale.ts";
import { toldBefore } from "./told-before.ts";

/**
 * Tells people and their systems what happens, beside the rollout: it reads the journal as it grows, and what becomes of
 * each message is journalled as an event that nothing depends on. A dead or hanging place delays its own messages only.
 *
 * Every message is sent at least once: what a process that died had not journalled as delivered is sent by the next
 * epoch, under the same key. What was delivered, or given up, is not sent again.
 */
export interface Outbox {
  readonly onEntry: (entry: JournalEntry) => void;
  /** Gives what is still to be sent `ms` to arrive, then gives up on it. */
  close(ms: Millis): Promise<void>;
  /** Leaves at once: what was not sent is the next epoch's to send. */
  stop(): void;
}

/** Opens the outbox of an epoch; `earlier` is the journal of those before. */
export function openOutbox(run: Run, earlier: readonly JournalEntry[]): Outbox {
  let tale = untold;
  const before = toldBefore(earlier);
  const missing = missingCredentials(run);
  const post = openPost(run, before, new Set(missing.keys()));
  const schedule = openSchedule(run.engine.clock, post, () => tale);

  function take(entry: JournalEntry): void {
    tale = tell(tale, entry);
    const event = reactionEventOf(entry.event);
    const words = event === null ? null : eventWords(entry.event, run.plan);
    if (event === null || words === null) return;
    if (words.isEnd) schedule.ended();
    schedule.happened(event);
    const occasion: Occasion = {
      of: `${entry.epoch}.${entry.seq}`,
      at: entry.at,
      event,
      words,
      tale,
    };
    react(run, occasion, post, schedule);
  }

  /** A mistake in here must not become one of the rollout: it is a message that was not delivered. */
  function guarded(entry: JournalEntry): void {
    try {
      take(entry);
    } catch (error) {
      const of = `${entry.epoch}.${entry.seq}`;
      const why = `a bug in canary: ${String(error)}`;
      const told = { reaction: "outbox", of, to: "outbox", receipt: {} };
      void run.note({ kind: "not-delivered", ...told, why, tries: 0 }).catch(() => undefined);
    }
  }

  for (const entry of earlier) guarded(entry);
  let isFirst = true;
  return {
    onEntry(entry) {
      // Once, and early: somebody can still set what is missing, and start again.
      if (isFirst) tellMissing(run, missing, entry);
      isFirst = false;
      guarded(entry);
    },
    async close(ms) {
      schedule.close();
      await post.close(ms);
    },
    stop() {
      schedule.stop();
      post.stop();
    },
  };
}

function tellMissing(
  run: Run,
  missing: ReadonlyMap<string, string>,
  { epoch, seq }: JournalEntry,
): void {
  for (const [to, why] of missing) {
    const told = { reaction: "credentials", of: `${epoch}.${seq}`, to, receipt: {} };
    void run.note({ kind: "not-delivered", ...told, why, tries: 0 }).catch(() => undefined);
  }
}
