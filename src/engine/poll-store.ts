import type { Word } from "../core/event.ts";
import { authorize } from "../policy/authorize.ts";
import { GUARD_EPOCH } from "./guard-epoch.ts";
import { parseWord } from "./parse-word.ts";
import type { Run } from "./run.ts";

/** How often the store is asked for claims and words, and how often the heartbeat counts, in milliseconds. */
const POLL = 500;

export interface StoreNews {
  onWord(word: Word): void;
  onHigherEpoch(epoch: number): void;
  /** A guard's heartbeat moved. */
  onGuard(): void;
}

/**
 * Watches the store beside the event queue: a claim of another process, words of people, and our own heartbeat.
 * A silent store changes nothing here; the journal and the epoch check say what it means. The returned function stops it.
 */
export function pollStore(run: Run, firstWord: number, news: StoreNews): () => void {
  let stopped = false;
  let position = firstWord;
  let counter = 0;
  let guardSeen: number | null = null;
  const { store, clock } = run.engine;
  async function poll(): Promise<void> {
    counter += 1;
    // A full disk must not keep a claim from being seen.
    await store.beat(run.rollout, run.epoch, counter).catch(() => undefined);
    try {
      const last = await store.lastEpoch(run.rollout);
      if (last > run.epoch) return news.onHigherEpoch(last);
      const guard = await store.readBeat(run.rollout, GUARD_EPOCH);
      if (guardSeen !== null && guard !== guardSeen) news.onGuard();
      guardSeen = guard;
      const words = await store.inbox(run.rollout, position);
      position += words.length;
      for (const text of words) {
        const word = parseWord(text);
        if (word !== null && !stopped) news.onWord(authorize(word, { ...run, now: clock.now() }));
      }
    } catch {
      // Asked again at the next poll.
    }
    if (!stopped) stopTimer = clock.after(POLL, () => void poll());
  }
  let stopTimer = clock.after(0, () => void poll());
  return () => {
    stopped = true;
    stopTimer();
  };
}
