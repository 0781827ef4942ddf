import { constants, open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";

import { CHUNK, createLineSplitter, type OnText } from "./line-splitter.ts";
import { readBytes } from "./read-bytes.ts";

/** How many bytes before the reading place show that the file is still the one that was read. */
const MARK = 64;

/** One log file, held open, so that what is written to it after it was renamed is still read. */
export interface OpenedFile {
  /** Tells it from the file that stands under its name later. */
  readonly identity: string;
  readonly handle: FileHandle;
  readonly size: () => Promise<number>;
  /** Reads from the line that this byte stands in. */
  readonly startAt: (offset: number) => Promise<void>;
  /** Hands over the complete lines since the last call; from the beginning where the file was truncated. */
  readonly readLines: (onText: OnText) => Promise<void>;
}

/** @throws as `open` does, and when the path is no regular file. */
export async function openFile(path: string): Promise<OpenedFile> {
  // A pipe without a writer would hold up the open itself.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new Error(`${path} is no file`);
  }
  const name = basename(path);
  let offset = 0;
  let mark: Buffer = Buffer.alloc(0);
  let splitter = createLineSplitter(handle, name, 0);

  async function startFrom(at: number): Promise<void> {
    offset = at;
    splitter = createLineSplitter(handle, name, at);
    mark = await readBytes(handle, Math.max(0, at - MARK), at);
  }

  /** A file may have been truncated, and be longer again than it was. */
  async function isTruncated(size: number): Promise<boolean> {
    if (size < offset) return true;
    return !(await readBytes(handle, offset - mark.length, offset)).equals(mark);
  }

  return {
    identity: `${stats.dev}:${stats.ino}`,
    handle,
    size: async () => (await handle.stat()).size,
    startAt: async (from) => await startFrom(await beginOfLine(handle, from)),
    async readLines(onText) {
      const { size } = await handle.stat();
      if (await isTruncated(size)) await startFrom(0);
      for (;;) {
        const read = await readBytes(handle, offset, Math.min(size, offset + CHUNK));
        const used = splitter.split(read, onText);
        if (used === 0) return;
        offset += used;
        mark = Buffer.from(read.subarray(Math.max(0, used - MARK), used));
      }
    },
  };
}

/** Where the line begins that `offset` stands in: a torn last line is to be read as a whole later. */
async function beginOfLine(handle: FileHandle, offset: number): Promise<number> {
  const from = Math.max(0, offset - CHUNK);
  const newline = (await readBytes(handle, from, offset)).lastIndexOf(0x0a);
  if (newline >= 0) return from + newline + 1;
  return from === 0 ? 0 : offset;
}
