import type { Millis, WallTime } from "../../core/units.ts";

/** A source that asks for more than this is asked again all the same: a rollout cannot be blind for an hour. */
const LONGEST: Millis = 300_000;

/** Leaves a source alone for as long as it asked for. */
export interface Pace {
  /** Why it is not to be asked now; null when it may be. */
  readonly waiting: (now: WallTime) => string | null;
  readonly heard: (status: number, retryAfter: string | undefined, now: WallTime) => void;
}

/** For one source. `Retry-After` counts seconds or names a time (RFC 9110, section 10.2.3). */
export function createPace(): Pace {
  let until: WallTime = 0;
  return {
    waiting: (now) =>
      now < until
        ? `it answered that it wants to be asked again in ${Math.ceil((until - now) / 1000)} s`
        : null,
    heard(status, retryAfter, now) {
      if ((status !== 429 && status !== 503) || retryAfter === undefined) return;
      const seconds = /^\d+$/u.test(retryAfter.trim()) ? Number(retryAfter) : null;
      const wait = seconds === null ? Date.parse(retryAfter) - now : seconds * 1000;
      if (wait > 0) until = now + Math.min(LONGEST, wait);
    },
  };
}
