import type { WallTime } from "../../core/units.ts";

/** A clock may be this far ahead of ours; beyond it a time is wrong, and would never become stale. */
const MAX_AHEAD = 60_000;

/** What is wrong with a time that a source gave, or null: the future cannot have been observed. */
export function futureProblem(time: WallTime, now: WallTime): string | null {
  return time > now + MAX_AHEAD ? `${Math.round((time - now) / 1000)} s in the future` : null;
}
