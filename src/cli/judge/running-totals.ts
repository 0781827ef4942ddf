import type { Look } from "../../core/judge/rate-test.ts";

/** So many looks, each of which counts more than the one before in both arms: by chance that does not happen. */
const ENOUGH = 20;

/** How a run's counts went from look to look. */
export interface Rising {
  readonly last: Look;
  /** How often all counts have risen, or stood still, since the first look; null once one has fallen. */
  readonly times: number | null;
}

/** What the counts of a run look like with one more look. */
export function risen(before: Rising | undefined, last: Look): Rising {
  if (before === undefined) return { last, times: 0 };
  const { times } = before;
  return times === null ? before : { last, times: isMore(before.last, last) ? times + 1 : null };
}

/** Whether these are the readings of counters, which go on and on, rather than what was counted since the look before. */
export function isRunningTotal({ last, times }: Rising): boolean {
  return times === ENOUGH - 1 && last.canary.events + last.stable.events > 0;
}

function isMore(before: Look, now: Look): boolean {
  return (
    now.canary.total > before.canary.total &&
    now.stable.total > before.stable.total &&
    now.canary.events >= before.canary.events &&
    now.stable.events >= before.stable.events
  );
}
