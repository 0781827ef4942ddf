import type { WallTime } from "../../../core/units.ts";
import type { DriverContext } from "../../driver.ts";
import { createLineStamp, type LineStamp, type TimeOf } from "./line-stamp.ts";
import type { LogFeed, OnLine } from "./log-line.ts";
import {
  MAX_PART,
  placeAfter,
  remoteParts,
  type RemotePart,
  type RemotePlace,
  type SshTarget,
} from "./remote-parts.ts";

export interface RemoteFeedOptions {
  readonly path: string;
  readonly ssh: SshTarget;
  /** A log that is read only when it is asked for must say itself when its lines were written. */
  readonly timeOf: TimeOf;
  readonly now: () => WallTime;
}

/** Answers that are read in a row when there is much to catch up with. */
const MOST_ANSWERS = 50;
/** Of a longer line the rest is left out, in characters: no pattern is tried on megabytes. */
const LONGEST_LINE = 16 * 1024;

/** Follows a log file on another machine through rotation and truncation, as far as it is read. */
export function createRemoteFeed({ path, ssh, timeOf, now }: RemoteFeedOptions): LogFeed {
  const stamp = createLineStamp(timeOf, now);
  const reader = createPartReader(stamp, `a line of ${path} on ${ssh.host}`);
  let covered: WallTime | null = null;

  async function begin(
    from: WallTime,
    onLine: OnLine,
    context: DriverContext,
  ): Promise<string | null> {
    const got = await remoteParts(ssh, path, null, context);
    if (got.kind !== "ok") return got.why;
    let first: WallTime | null = null;
    for (const part of got.value)
      reader.take(part, (line) => {
        first ??= line.at;
        onLine(line);
      });
    // What stands before the end that was fetched is not known.
    const isWhole = got.value.every(({ start }) => start === 0);
    covered = isWhole ? from : Math.max(from, first ?? now());
    return null;
  }

  async function goOn(onLine: OnLine, context: DriverContext): Promise<string | null> {
    for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
      const before = reader.place();
      const got = await remoteParts(ssh, path, before, context);
      if (got.kind !== "ok") return got.why;
      // Rotated away under another name than the usual: what was written to it last is lost.
      if (got.value.every(({ identity }) => identity !== before?.identity)) covered = now();
      const more = got.value.map((part) => reader.take(part, onLine));
      if (!more.some(Boolean)) return null;
    }
    return `${path} on ${ssh.host} grows faster than it can be read`;
  }

  return {
    async read(from, onLine, context) {
      if (context === null) return null;
      const isNew = reader.place() === null;
      const problem = await (isNew ? begin(from, onLine, context) : goOn(onLine, context));
      return problem ?? untimed(stamp, path);
    },
    coveredSince: () => covered,
    newestAt: () => stamp.newestAt(),
    close: () => undefined,
  };
}

interface PartReader {
  /** Hands over what is new in a part, and gives whether there is more to come. */
  readonly take: (part: RemotePart, onLine: OnLine) => boolean;
  readonly place: () => RemotePlace | null;
}

function createPartReader(stamp: LineStamp, where: string): PartReader {
  let place: RemotePlace | null = null;
  return {
    place: () => place,
    take(part, onLine) {
      const known = place?.identity === part.identity ? place : null;
      const next = beginOfNew(part, known);
      if (next === null) {
        // Cut short and written anew it is longer again than it was: nothing of it was read.
        place = { identity: part.identity, offset: 0, mark: Buffer.alloc(0) };
        return true;
      }
      const used = endOfNew(part);
      const onText = stamp.reading(part.mtime, onLine);
      const text = part.bytes.toString("utf8", next, Math.max(next, used));
      const lines = text === "" ? [] : text.replace(/\n$/u, "").split(/\r?\n/u);
      for (const line of lines) onText(line.slice(0, LONGEST_LINE), () => Promise.resolve(where));
      if (used > next || known === null) place = placeAfter(part, Math.max(next, used));
      return part.start + part.bytes.length < part.size && used > next;
    },
  };
}

/** Where in a part the first line begins that was not read; null when the part does not go on where the last ended. */
function beginOfNew(part: RemotePart, known: RemotePlace | null): number | null {
  // The first line of the end of a file is mostly the end of one.
  if (known === null) return part.start === 0 ? 0 : part.bytes.indexOf(0x0a) + 1;
  const { mark, offset } = known;
  const isNext =
    part.start === offset - mark.length && part.bytes.subarray(0, mark.length).equals(mark);
  if (isNext) return mark.length;
  return part.start === 0 ? 0 : null;
}

/** The end of the last complete line; of a line without an end in sight the end of the part. */
function endOfNew({ bytes }: RemotePart): number {
  const end = bytes.lastIndexOf(0x0a) + 1;
  return end === 0 && bytes.length >= MAX_PART ? bytes.length : end;
}

function untimed(stamp: LineStamp, path: string): string | null {
  return stamp.newestAt() === null && stamp.untimed() > 0
    ? `${stamp.untimed()} lines of ${path} were read, and \`time\` finds in none of them a time that has been: are it and \`zone\` right?`
    : null;
}
