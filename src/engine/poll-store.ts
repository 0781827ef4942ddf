import type { Word } from "../core/event.ts";
import { authorize } from "../policy/authorize.ts";
import { UNLOCK } from "../policy/unlock-problem.ts";
import { unreadable } from "../store/store.ts";
import { GUARD_EPOCH } from "./guard-epoch.ts";
import { parseWord } from "./parse-word.ts";
import type { Run } from "./run.ts";

/** How often the store is asked for claims and words, and how often the heartbeat counts, in milliseconds. */
const POLL = 500;

export interface StoreNews {
  /** `place`: its number in the inbox, from 1. */
  onWord(word: Word, place: number): void;
  /** What is no word was passed over; the last of it is at `place`. */
  onSkipped(place: number, why: string): void;
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
      const from = position;
      position += words.length;
      if (!stopped) takeWords(run, from, words, news);
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

/** Takes each word by itself: one that is none, or that nobody can make sense of, must not keep those behind it. */
function takeWords(run: Run, from: number, texts: readonly string[], news: StoreNews): void {
  const now = run.engine.clock.now();
  const isAsked = run.plan.checks[UNLOCK] !== undefined;
  const read = texts.map((text) =>
    readWord(text, (word) => {
      if (word.check === UNLOCK && !isAsked) throw new Error(ABOUT_UNLOCK);
      return authorize(word, { ...run, now });
    }),
  );
  const skipped = read.filter((each) => typeof each === "string").length;
  for (const [index, each] of read.entries()) {
    if (typeof each !== "string") news.onWord(each, from + index + 1);
    else if (skipped <= FLOOD) news.onSkipped(from + index + 1, each);
  }
  // After the words: a process that dies in between must not seem to have read them.
  const last = read.findLastIndex((each) => typeof each === "string");
  const why = read[last];
  if (skipped > FLOOD && typeof why === "string")
    news.onSkipped(from + last + 1, `${why}; so were ${skipped - 1} others`);
}

/** It is kept where everybody who unlocks looks. */
const ABOUT_UNLOCK = "it is about unlocking, which is not for the runner to decide";

/** What is no word is told one by one up to this number, and in one line above it. */
const FLOOD = 10;

function readWord(text: string, prove: (word: Word) => Word): Word | string {
  const why = unreadable(text);
  if (why !== null) return why;
  const word = parseWord(text);
  if (word === null) return "it is no word of canary";
  try {
    return prove(word);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
