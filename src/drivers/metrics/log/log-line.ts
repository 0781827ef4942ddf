import type { WallTime } from "../../../core/units.ts";
import type { DriverContext } from "../../driver.ts";

/** One complete line of a log, at the time it states, or when it arrived. */
export interface LogLine {
  readonly text: string;
  readonly at: WallTime;
  /** Where a person finds it, like `line 12 of app.log`. Asked only for the few lines that are told about. */
  readonly place: () => Promise<string>;
}

export type OnLine = (line: LogLine) => void;

/** Lines of one log as they come. */
export interface LogFeed {
  /**
   * Hands over every complete line since the last call. The first call goes back to `from` where the lines carry a time,
   * and otherwise begins at the end of the log. Null when all went well, else why nothing can be said. `context` is null
   * for a look between questions.
   */
  readonly read: (
    from: WallTime,
    onLine: OnLine,
    context: DriverContext | null,
  ) => Promise<string | null>;
  /** Since when every line was seen; null before the first read. */
  readonly coveredSince: () => WallTime | null;
  /** The time of the newest line; null when none was seen. */
  readonly newestAt: () => WallTime | null;
  readonly close: () => void;
}
