import type { WallTime } from "../../../core/units.ts";
import { linePattern } from "../../line-pattern.ts";
import { futureProblem } from "../future-problem.ts";
import { readTime } from "../read-time.ts";

/** Where a line states its time: a regular expression whose first group is the time, and the zone of times without one. */
export interface TimeRule {
  readonly time: string;
  readonly zone?: string | undefined;
}

/** Reads the time that a line states; null where it states none, or one that cannot have been yet. */
export function lineTime({
  time,
  zone,
}: TimeRule): (text: string, now: WallTime) => WallTime | null {
  const pattern = linePattern(time);
  return (text, now) => {
    const match = pattern?.exec(text);
    if (match === null || match === undefined) return null;
    const at = readTime(match[1] ?? match[0], zone);
    return at === null || futureProblem(at, now) !== null ? null : at;
  };
}
