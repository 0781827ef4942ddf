import type { Millis } from "../core/units.ts";
import { failed, ok } from "./answer.ts";
import type { Answer, DriverContext } from "./driver.ts";
import { isLogPath, logFile } from "./log-place.ts";
import { sshOf } from "./machine/ssh-place.ts";
import {
  placeAfter,
  remoteParts,
  type RemotePart,
  type RemotePlace,
  type SshTarget,
} from "./metrics/log/remote-parts.ts";
import { logEnd, readLogEnd, readLogSince, type LogPlace } from "./read-log.ts";

/** A place in a log, as its reader knows it. */
export type LogSpot = LogPlace | RemotePlace | "beginning";

/** Lines of a log, and the place behind them. */
export interface ReadLines {
  readonly lines: readonly string[];
  readonly place: LogSpot;
}

/** Reads a log file on this machine, or on another one through ssh. */
export interface LogReader {
  /** The path, with its machine where that is another one. */
  readonly name: string;
  /** How often it is worth asking for more. */
  readonly poll: Millis;
  /** Its last lines. `failed` where it cannot be read, or is not there. */
  end(): Promise<Answer<ReadLines>>;
  /** Where it ends now; its beginning where it is not there yet. `failed` where nobody can tell. */
  here(): Promise<Answer<LogSpot>>;
  /** The complete lines that were written after `place`; from the beginning of what was rotated in. */
  since(place: LogSpot): Promise<Answer<ReadLines>>;
}

/** Asking another machine takes a sign-in each time. */
const LOCAL_POLL = 100;
const REMOTE_POLL = 500;

/** The reader of the `log:` of a plan: a path, or the connection that it names. */
export function logReader(log: string, context: DriverContext): Answer<LogReader> {
  const { file } = context.connection;
  const ssh = isLogPath(log) ? null : sshOf(context.connection);
  if (ssh !== null && typeof file === "string") return ok(remote(file, ssh, context));
  const path = logFile(log, context);
  return path.kind === "ok" ? ok(local(path.value)) : path;
}

function local(path: string): LogReader {
  return {
    name: path,
    poll: LOCAL_POLL,
    end: () => readLogEnd(path),
    here: async () => ok(await logEnd(path)),
    since: (place) => readLogSince(path, isLocal(place) ? place : { ino: 0, offset: 0 }),
  };
}

function isLocal(place: LogSpot): place is LogPlace {
  return typeof place === "object" && "ino" in place;
}

function remote(path: string, ssh: SshTarget, context: DriverContext): LogReader {
  const name = `${path} on ${ssh.host}`;
  const parts = async (place: LogSpot): Promise<Answer<ReadLines>> => {
    const known = typeof place === "object" && "mark" in place ? place : null;
    const got = await remoteParts(ssh, path, known, context);
    if (got.kind !== "ok") return got;
    return ok(linesOf(got.value, known));
  };
  return {
    name,
    poll: REMOTE_POLL,
    end: () => parts("beginning"),
    async here() {
      const end = await parts("beginning");
      if (end.kind === "ok") return ok(end.value.place);
      return end.why.includes("there is no file") ? ok("beginning") : failed(end.why);
    },
    since: parts,
  };
}

/** The complete lines of parts that follow each other; a line that is still being written is read again the next time. */
function linesOf(parts: readonly RemotePart[], known: RemotePlace | null): ReadLines {
  let place: LogSpot = known ?? "beginning";
  const lines: string[] = [];
  for (const part of parts) {
    const begin = beginOf(part, known);
    const end = Math.max(begin, part.bytes.lastIndexOf(0x0a) + 1);
    const text = part.bytes.toString("utf8", begin, end);
    if (text !== "") lines.push(...text.slice(0, -1).split(/\r?\n/u));
    place = placeAfter(part, end);
  }
  return { lines, place };
}

/** Behind what was read of this very file; else at its first complete line. */
function beginOf(part: RemotePart, known: RemotePlace | null): number {
  const mark = known?.identity === part.identity ? known.mark : null;
  if (mark !== null && part.bytes.subarray(0, mark.length).equals(mark)) return mark.length;
  return part.start === 0 ? 0 : part.bytes.indexOf(0x0a) + 1;
}
