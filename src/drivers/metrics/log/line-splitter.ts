import type { FileHandle } from "node:fs/promises";

import { readBytes } from "./read-bytes.ts";

/** How much is read at once, in bytes. */
export const CHUNK = 1024 * 1024;
/** Of a longer line the rest is left out: no pattern is tried on megabytes. */
const LONGEST_LINE = 16 * 1024;
const NEWLINE = 0x0a;

export type OnText = (text: string, place: () => Promise<string>) => void;

/** Makes lines of what is read of a file from one place on, and numbers them. */
export interface LineSplitter {
  /** Hands over the complete lines at the beginning of `read`, and gives how many bytes they took. */
  readonly split: (read: Buffer, onText: OnText) => number;
}

/** `start` is the first byte that it will be given, the beginning of a line. */
export function createLineSplitter(handle: FileHandle, name: string, start: number): LineSplitter {
  let read = 0;
  let before: Promise<number> | null = null;
  /** Whether the rest of a line that was too long is being passed over. */
  let skipping = false;

  /** What stands before `start` is counted once, and only when a number is asked for. */
  function nextPlace(): () => Promise<string> {
    read += 1;
    const line = read;
    return async () => {
      before ??= countLines(handle, start);
      return `line ${(await before) + line} of ${name}`;
    };
  }

  return {
    split(bytes, onText) {
      let from = 0;
      for (;;) {
        const end = bytes.indexOf(NEWLINE, from);
        if (end < 0) break;
        if (!skipping) onText(textOf(bytes, from, end), nextPlace());
        skipping = false;
        from = end + 1;
      }
      if (from > 0 || bytes.length < CHUNK) return from;
      // A line without an end in sight: its beginning is judged now.
      if (!skipping) onText(textOf(bytes, 0, bytes.length), nextPlace());
      skipping = true;
      return bytes.length;
    },
  };
}

function textOf(bytes: Buffer, start: number, end: number): string {
  const to = bytes[end - 1] === 0x0d && end > start ? end - 1 : end;
  return bytes.toString("utf8", start, Math.min(to, start + LONGEST_LINE));
}

async function countLines(handle: FileHandle, end: number): Promise<number> {
  let count = 0;
  for (let at = 0; at < end; at += CHUNK) {
    const read = await readBytes(handle, at, Math.min(end, at + CHUNK));
    for (let next = read.indexOf(NEWLINE); next >= 0; next = read.indexOf(NEWLINE, next + 1))
      count += 1;
  }
  return count;
}
