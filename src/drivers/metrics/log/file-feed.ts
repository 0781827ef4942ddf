import { stat } from "node:fs/promises";

import type { WallTime } from "../../../core/units.ts";
import { fileProblem } from "../../file-problem.ts";
import { createLineStamp, type LineStamp, type TimeOf } from "./line-stamp.ts";
import type { LogFeed, OnLine } from "./log-line.ts";
import { openFile, type OpenedFile } from "./opened-file.ts";
import { seekTime } from "./seek-time.ts";

export interface FileFeedOptions {
  readonly path: string;
  /** Reads the time of a line; null for a log whose lines carry none. */
  readonly timeOf: TimeOf | null;
  readonly now: () => WallTime;
}

/**
 * Follows a log file through rotation (renamed, and a new one made) and truncation. A renamed file is read on until the
 * next rotation, because its writer may keep it open for a while.
 */
export function createFileFeed(options: FileFeedOptions): LogFeed {
  const { path, timeOf, now } = options;
  const stamp = createLineStamp(timeOf, now);
  let current: OpenedFile | null = null;
  let renamed: OpenedFile | null = null;
  let covered: WallTime | null = null;

  async function follow(from: WallTime, onLine: OnLine): Promise<void> {
    if (current === null) [current, covered] = await begin(options, stamp, from, onLine);
    if (renamed !== null) await drain(renamed, stamp, onLine);
    await drain(current, stamp, onLine);
    const { dev, ino } = await stat(path);
    if (`${dev}:${ino}` === current.identity) return;
    const next = await openFile(path);
    await renamed?.handle.close();
    renamed = current;
    current = next;
    await drain(renamed, stamp, onLine);
    await drain(current, stamp, onLine);
  }

  return {
    async read(from, onLine) {
      try {
        await follow(from, onLine);
      } catch (error) {
        return fileProblem(path, error);
      }
      return stamp.newestAt() === null && stamp.untimed() > 0
        ? `${stamp.untimed()} lines of ${path} were read, and \`time\` finds in none of them a time that has been: are it and \`zone\` right?`
        : null;
    },
    coveredSince: () => covered,
    newestAt: () => stamp.newestAt(),
    close() {
      for (const file of [current, renamed]) void file?.handle.close().catch(() => undefined);
      current = null;
      renamed = null;
    },
  };
}

async function drain(file: OpenedFile, stamp: LineStamp, onLine: OnLine): Promise<void> {
  const { mtimeMs } = await file.handle.stat();
  await file.readLines(stamp.reading(mtimeMs, onLine));
}

/** Opens the log for the first time: at its end, or where the asked time begins. Gives since when its lines are known. */
async function begin(
  { path, timeOf, now }: FileFeedOptions,
  stamp: LineStamp,
  from: WallTime,
  onLine: OnLine,
): Promise<[OpenedFile, WallTime]> {
  const file = await openFile(path);
  if (timeOf === null) {
    await file.startAt(await file.size());
    return [file, now()];
  }
  const rule = (text: string): WallTime | null => timeOf(text, now());
  const { offset, first } = await seekTime(file, from, rule);
  await file.startAt(offset);
  if (offset > 0 || (first !== null && first < from)) return [file, from];
  const before = await openRotated(`${path}.1`, from);
  if (before === null) return [file, from];
  if (before === "packed") return [file, first ?? now()];
  try {
    const sought = await seekTime(before, from, rule);
    await before.startAt(sought.offset);
    await drain(before, stamp, onLine);
    return [file, Math.max(from, sought.first ?? now())];
  } finally {
    await before.handle.close();
  }
}

/** The file that was written before the last rotation, when it reaches into the asked time; null when none does. */
async function openRotated(path: string, from: WallTime): Promise<OpenedFile | "packed" | null> {
  const changed = await changedAt(path);
  if (changed !== null) return changed < from ? null : await openFile(path);
  const packed = await changedAt(`${path}.gz`);
  return packed === null || packed < from ? null : "packed";
}

async function changedAt(path: string): Promise<WallTime | null> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
