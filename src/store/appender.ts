import { open, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Space kept back for the way back, in bytes: several thousand lines. */
const RESERVE = 256 * 1024;

export interface Appender {
  /** Appends whole lines, synced. Throws when the disk does not take them; then none of them stands in the file. */
  append(lines: readonly string[]): Promise<void>;
}

/**
 * Prepares appending to a journal that this process claimed. A reserve lies beside it: the first write that finds the
 * disk full frees it and fails, so that forward motion ends and the way back can still be journalled.
 */
export async function createAppender(path: string): Promise<Appender> {
  let good = (await stat(path)).size;
  const reserve = join(dirname(path), ".reserve");
  await writeFile(reserve, Buffer.alloc(RESERVE, 1)).catch(() => undefined);
  return {
    async append(lines) {
      const bytes = Buffer.from(`${lines.join("\n")}\n`, "utf8");
      const file = await open(path, "r+");
      try {
        await writeAll(file, bytes, good);
        await file.datasync();
        good += bytes.length;
      } catch (error) {
        await rm(reserve, { force: true }).catch(() => undefined);
        // A part of a line would be taken for a cut one; the next write begins at the same place either way.
        await file.truncate(good).catch(() => undefined);
        throw error;
      } finally {
        await file.close();
      }
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written);
    written += bytesWritten;
  }
}
