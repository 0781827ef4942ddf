import { createHash } from "node:crypto";

import type { WallTime } from "../../../core/units.ts";
import { createBuckets, type LineSums } from "./line-buckets.ts";
import type { LineReader } from "./line-reader.ts";
import type { LogLine } from "./log-line.ts";

const MAX_FINDS = 50;

/** What the lines of a window add up to, and where personal data was found; the newest few. */
export interface LogSums extends LineSums {
  readonly finds: readonly PersonalFind[];
}

export interface PersonalFind {
  readonly at: WallTime;
  readonly text: () => Promise<string>;
}

export interface LogTally {
  readonly add: (line: LogLine) => void;
  /** The sums of the lines after this time. */
  readonly since: (from: WallTime) => LogSums;
  /** How many lines were seen at all, and how many of them were of the judged whole (or had a number). */
  readonly ever: () => { readonly lines: number; readonly matched: number };
}

/** Adds up what lines say to one query, by time, so that any window up to now can be asked. */
export function createLogTally(read: LineReader): LogTally {
  const buckets = createBuckets();
  let finds: PersonalFind[] = [];
  let [lines, matched] = [0, 0];
  return {
    add(line) {
      const finding = read(line.text);
      const { counts, whole, number, personal } = finding;
      lines += 1;
      if (counts && (whole || number !== null)) matched += 1;
      buckets.add(line.at, finding);
      if (personal.length > 0)
        finds = [...finds, { at: line.at, text: tell(line, personal) }].slice(-MAX_FINDS);
    },
    since: (from) => ({ ...buckets.since(from), finds: finds.filter(({ at }) => at > from) }),
    ever: () => ({ lines, matched }),
  };
}

/** Class, place and hash of the line: enough to find it in the log, and nothing that names a person. */
function tell({ text, place }: LogLine, personal: readonly string[]): () => Promise<string> {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const classes = [...new Set(personal)].join(", ");
  return async () => `${classes} in ${await place()} (sha256 ${hash})`;
}
