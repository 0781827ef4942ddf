import type { WallTime } from "../../../core/units.ts";
import type { OnText } from "./line-splitter.ts";
import type { LogLine, OnLine } from "./log-line.ts";

export type TimeOf = (text: string, now: WallTime) => WallTime | null;

/** Gives each line its time. */
export interface LineStamp {
  /** For the lines of one read. `mtime`: when the file was last written to. */
  readonly reading: (mtime: WallTime, onLine: OnLine) => OnText;
  readonly newestAt: () => WallTime | null;
  /** How many lines were left out because neither they nor a line before them states a time. */
  readonly untimed: () => number;
}

/** With `timeOf` a line's own time, else that of its arrival. */
export function createLineStamp(timeOf: TimeOf | null, now: () => WallTime): LineStamp {
  let newest: WallTime | null = null;
  let readAt: WallTime = 0;
  let untimed = 0;

  function hand(onLine: OnLine, line: LogLine): void {
    newest = Math.max(newest ?? line.at, line.at);
    onLine(line);
  }

  return {
    reading(mtime, onLine) {
      const at = now();
      if (timeOf === null) {
        // It arrived after the last read, and no later than the file was written to.
        const arrived = Math.min(at, Math.max(Math.floor(mtime), readAt));
        readAt = at;
        return (text, place) => hand(onLine, { text, at: arrived, place });
      }
      let last = newest;
      return (text, place) => {
        // Lines without a time of their own belong to the line before: a stack trace.
        last = timeOf(text, at) ?? last;
        if (last === null) untimed += 1;
        else hand(onLine, { text, at: last, place });
      };
    },
    newestAt: () => newest,
    untimed: () => untimed,
  };
}
