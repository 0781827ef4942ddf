import { refused, unreachable } from "../unreachable.ts";
import type { Change, ConfigMap, ConfigMaps } from "./config-maps.ts";
import { journalName, labelsOf } from "./names.ts";

/**
 * How much a part of a journal holds, in bytes: each line writes the whole object anew inside the cluster, and none may
 * hold more than 1 MiB.
 */
const PART = 128 * 1024;
const MOST = 900 * 1024;
/** Writes of one part that may fail in a row on an object that is not as it was left. */
const TRIES = 3;

export interface JournalWriter {
  /** Appends lines, acknowledged by the API server; throws when they are not, and then the next call replaces them. */
  append(lines: readonly string[]): Promise<void>;
}

interface Position {
  /** The part that is being filled. */
  readonly part: number;
  /** The number of its first line. */
  readonly from: number;
  /** Lines of the epoch that are acknowledged, the claim's own not counted. */
  readonly lines: number;
  readonly bytes: number;
  /** The version that the part has; null while there is none. */
  readonly version: string | null;
}

/** The key of a line, numbered through all parts of an epoch, so that a reader sees when one is missing. */
export function lineKey(number: number): string {
  return `line.${String(number).padStart(9, "0")}`;
}

/** The number in a key; null for any other key. */
export function lineNumber(key: string): number | null {
  const digits = /^line\.(\d{9})$/u.exec(key)?.[1];
  return digits === undefined ? null : Number(digits);
}

interface Place {
  readonly maps: ConfigMaps;
  readonly where: string;
  readonly rollout: string;
  readonly epoch: number;
}

/** Writes the journal of an epoch that this process claimed: nobody else writes it. Calls are taken one after the other. */
export function createJournalWriter(place: Place): JournalWriter {
  let position: Position = { part: 0, from: 1, lines: 0, bytes: 0, version: null };
  /** After a write without an answer nobody knows what the part holds. */
  let unsure = false;
  let last: Promise<void> = Promise.resolve();
  async function append(lines: readonly string[]): Promise<void> {
    let next = position;
    try {
      for (let rest = lines; rest.length > 0;) {
        const fitting = fit(rest, next.bytes, place.where);
        if (fitting === 0) {
          next = {
            part: next.part + 1,
            from: next.lines + 1,
            lines: next.lines,
            bytes: 0,
            version: null,
          };
          continue;
        }
        next = await put(place, next, rest.slice(0, fitting), unsure);
        rest = rest.slice(fitting);
      }
      position = next;
      unsure = false;
    } catch (error) {
      unsure = true;
      throw error;
    }
  }
  return {
    append(lines) {
      const done = last.then(() => append(lines));
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** Adds lines to one part, at the version that it was left in. */
async function put(
  { maps, where, rollout, epoch }: Place,
  at: Position,
  lines: readonly string[],
  unsure: boolean,
): Promise<Position> {
  const name = journalName(rollout, epoch, at.part);
  const data = Object.fromEntries(
    lines.map((line, index) => [lineKey(at.lines + index + 1), line]),
  );
  let known: ConfigMap | null | "as left" = unsure ? await maps.get(name) : "as left";
  for (let tries = 0; tries < TRIES; tries += 1) {
    const version = known === "as left" ? at.version : (known?.metadata.resourceVersion ?? null);
    const written =
      version === null
        ? await maps.create(name, labelsOf("journal", rollout), data)
        : await maps.merge(name, without(stale(known, at), data), version);
    if (written === "gone") throw unreachable(where, `${name} was deleted by somebody else`);
    if (written !== null && written !== "conflict")
      return {
        ...at,
        lines: at.lines + lines.length,
        bytes: at.bytes + sizeOf(lines),
        version: written.metadata.resourceVersion,
      };
    // An earlier write landed after all, or somebody labelled it by hand.
    known = await maps.get(name);
  }
  throw unreachable(where, `${name} is being changed by somebody else`);
}

/** Lines that are not acknowledged: the rest of writes that failed. */
function stale(known: ConfigMap | null | "as left", { from, lines }: Position): readonly string[] {
  if (known === null || known === "as left") return [];
  return Object.keys(known.data ?? {}).filter((key) => {
    const number = lineNumber(key) ?? from;
    return number < from || number > lines;
  });
}

function without(stale: readonly string[], data: Readonly<Record<string, string>>): Change {
  return { ...Object.fromEntries(stale.map((key) => [key, null])), ...data };
}

/** How many of the lines fit behind so many bytes; a line that is longer than a part has one of its own. */
function fit(lines: readonly string[], used: number, where: string): number {
  let bytes = used;
  for (const [index, line] of lines.entries()) {
    const size = sizeOf([line]);
    if (size > MOST) throw refused(where, `a line of ${size} bytes is longer than it can hold`);
    bytes += size;
    if (bytes > PART && !(used === 0 && index === 0)) return index;
  }
  return lines.length;
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 32, 0);
}
