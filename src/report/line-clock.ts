import type { WallTime } from "../core/units.ts";

/** How lines tell the time: the wall's, in UTC, or the time since the first line, for a rehearsal. */
export type ClockForm = "wall" | "elapsed";

/** Builds what stands before a line: `14:21:07Z`, `2026-01-05T14:21:07.123Z` (long), or `+00:15:00`. */
export function createLineClock(
  form: ClockForm,
  length: "short" | "long",
): (at: WallTime) => string {
  let began: WallTime | null = null;
  return (at) => {
    began ??= at;
    if (form === "elapsed") return elapsed(at - began);
    const time = new Date(at).toISOString();
    return length === "long" ? time : `${time.slice(11, 19)}Z`;
  };
}

function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `+${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}
