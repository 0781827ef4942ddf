import { open, type FileHandle } from "node:fs/promises";

import { failed, ok } from "./answer.ts";
import type { Answer } from "./driver.ts";
import { fileProblem } from "./file-problem.ts";

/** How much of a log's end is read at most, in bytes: more makes no evidence and no check. */
const MAX_TAIL = 8 * 1024 * 1024;

/** A place in a log: which file it was, and how far it was read. A rotated file is another one. */
export interface LogPlace {
  readonly ino: number;
  readonly offset: number;
}

export interface LogLines {
  readonly lines: readonly string[];
  readonly place: LogPlace;
  /** Whether lines before these were left out because the log is too long. */
  readonly cut: boolean;
}

/** The end of a log, as lines. */
export async function readLogEnd(path: string): Promise<Answer<LogLines>> {
  return await withFile(path, (file, ino, size) =>
    readFrom(file, { ino, offset: Math.max(0, size - MAX_TAIL) }, size),
  );
}

/** Where a log ends now; a file that is not there yet begins at 0. */
export async function logEnd(path: string): Promise<LogPlace> {
  const end = await withFile(path, (_, ino, size) => Promise.resolve({ ino, offset: size }));
  return end.kind === "ok" ? end.value : { ino: 0, offset: 0 };
}

/** The complete lines that were written after `place`; from the beginning where the file was rotated or truncated. */
export async function readLogSince(path: string, place: LogPlace): Promise<Answer<LogLines>> {
  return await withFile(path, async (file, ino, size) => {
    const same = ino === place.ino && size >= place.offset;
    const offset = Math.max(same ? place.offset : 0, size - MAX_TAIL);
    return await readFrom(file, { ino, offset }, size);
  });
}

async function readFrom(file: FileHandle, from: LogPlace, size: number): Promise<LogLines> {
  const buffer = Buffer.alloc(Math.max(0, size - from.offset));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from.offset);
  const read = buffer.subarray(0, bytesRead);
  // A line that is still being written is read again, as a whole, the next time.
  const complete = read.lastIndexOf(0x0a) + 1;
  const text = read.subarray(0, complete).toString("utf8");
  const lines = text === "" ? [] : text.slice(0, -1).split(/\r?\n/);
  const cut = from.offset > 0;
  return { lines, place: { ino: from.ino, offset: from.offset + complete }, cut };
}

async function withFile<T>(
  path: string,
  use: (file: FileHandle, ino: number, size: number) => Promise<T>,
): Promise<Answer<T>> {
  try {
    const file = await open(path, "r");
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return failed(`${path} is no file`);
      return ok(await use(file, stats.ino, stats.size));
    } finally {
      await file.close();
    }
  } catch (error) {
    return failed(fileProblem(path, error));
  }
}
