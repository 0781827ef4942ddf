import type { WallTime } from "../../../core/units.ts";
import type { OpenedFile } from "./opened-file.ts";

const PROBE = 64 * 1024;

export interface SoughtTime {
  /** No line before this byte is of the asked time or later, as long as times rise through the file. */
  readonly offset: number;
  /** The time of the first line that has one; null when none at its beginning has. */
  readonly first: WallTime | null;
}

/** Finds where in a log a time begins, without reading all of it. */
export async function seekTime(
  file: OpenedFile,
  from: WallTime,
  timeOf: (text: string) => WallTime | null,
): Promise<SoughtTime> {
  const first = await timeAt(file, 0, timeOf);
  if (first === null || first >= from) return { offset: 0, first };
  let [low, high] = [0, await file.size()];
  while (high - low > PROBE) {
    const middle = Math.floor((low + high) / 2);
    const at = await timeAt(file, middle, timeOf);
    // Where no line says its time, the search goes to the safe side: what is read too early is left out by its window.
    if (at !== null && at < from) low = middle;
    else high = middle;
  }
  return { offset: low, first };
}

/** The first time that a line states after this byte; null when none does within the probe. */
async function timeAt(
  file: OpenedFile,
  offset: number,
  timeOf: (text: string) => WallTime | null,
): Promise<WallTime | null> {
  const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(PROBE), 0, PROBE, offset);
  const lines = buffer.toString("utf8", 0, bytesRead).split(/\r?\n/);
  // The first is the end of a line that began before, and the last may not be complete.
  for (const line of lines.slice(offset === 0 ? 0 : 1, -1)) {
    const at = timeOf(line);
    if (at !== null) return at;
  }
  return null;
}
