import { setTimeout as sleep } from "node:timers/promises";

/** How long what is not urgent waits, in milliseconds: by then an abort has read its first value back. */
const LATE = 250;

export interface CopyQueue {
  /** Beside the work that goes on, in turn. Never throws. */
  soon(work: () => Promise<void>): Promise<void>;
  /** A moment later, in a turn of its own, because it asks the store, which the way back asks too. Never throws. */
  late(work: () => Promise<void>): Promise<void>;
  /** Hurries, and resolves when all that was given is done. */
  done(): Promise<void>;
}

/** What is copied to this machine while a rollout goes on. No copy holds the rollout up, and none of them is what counts. */
export function copyQueue(): CopyQueue {
  let now: Promise<void> = Promise.resolve();
  let later: Promise<void> = Promise.resolve();
  const isUrgent = new AbortController();
  const pause = (): Promise<void> =>
    sleep(LATE, undefined, { signal: isUrgent.signal }).catch(() => undefined);
  return {
    soon(work) {
      now = now.then(work).catch(() => undefined);
      return now;
    },
    late(work) {
      later = later
        .then(pause)
        .then(work)
        .catch(() => undefined);
      return later;
    },
    async done() {
      isUrgent.abort();
      await Promise.all([now, later]);
    },
  };
}
