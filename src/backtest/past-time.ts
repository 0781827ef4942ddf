import type { WallTime } from "../core/units.ts";
import { parseDuration } from "../plan/scalars/parse-duration.ts";

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/u;

/** A point in the past as people write it: `2026-11-01`, `2026-11-01T09:30Z`, `now`, or a duration before now such as `14d`; null for anything else. */
export function pastTime(text: string, now: WallTime): WallTime | null {
  if (text === "now") return now;
  if (TIME.test(text)) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? null : time;
  }
  const ago = parseDuration(text);
  return ago.kind === "ok" ? now - ago.value : null;
}
