import { open, type FileHandle } from "node:fs/promises";

export interface Appender {
  /** Appends whole lines, synced. Throws when the disk does not take them; then none of them stands in the file. */
  append(lines: readonly string[]): Promise<void>;
}

/**
 * Appends to a journal that this process claimed and nobody else writes; `size` is its length in bytes. Calls are taken
 * one after the other. The file is opened by its name each time: one that was removed must not swallow lines.
 */
export function createAppender(path: string, size: number): Appender {
  let good = size;
  let last: Promise<void> = Promise.resolve();
  async function append(bytes: Uint8Array): Promise<void> {
    const file = await open(path, "r+");
    try {
      const { size: found } = await file.stat();
      if (found < good)
        throw new Error(`${path} was cut from ${good} to ${found} bytes by somebody else`);
      // What a failed write left behind: a shorter line over it would leave its end standing.
      if (found > good) await file.truncate(good);
      await writeAll(file, bytes, good);
      await file.datasync();
      good += bytes.length;
    } catch (error) {
      await file.truncate(Math.min(good, (await file.stat()).size)).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }
  return {
    append(lines) {
      const bytes = Buffer.from(`${lines.join("\n")}\n`, "utf8");
      const done = last.then(() => append(bytes));
      last = done.catch(() => undefined);
      return done;
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written);
    written += bytesWritten;
  }
}
