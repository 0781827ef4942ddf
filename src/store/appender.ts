import { open, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Space kept back for the way back, in bytes: several thousand lines. */
const RESERVE = 256 * 1024;

export interface Appender {
  /** Appends whole lines, synced. Throws when the disk does not take them; then none of them stands in the file. */
  append(lines: readonly string[]): Promise<void>;
}

/**
 * Opens a journal that this process claimed for appending. A reserve lies beside it: the first write that finds the disk
 * full frees it and fails, so that forward motion ends and the way back can still be journalled.
 */
export async function createAppender(path: string): Promise<Appender> {
  const file = await open(path, "r+");
  let good = (await stat(path)).size;
  let torn = false;
  const reserve = join(dirname(path), ".reserve");
  await writeFile(reserve, Buffer.alloc(RESERVE, 1)).catch(() => undefined);
  return {
    async append(lines) {
      const bytes = Buffer.from(`${lines.join("\n")}\n`, "utf8");
      try {
        if (torn) await file.truncate(good);
        torn = true;
        await writeAll(file, bytes, good);
        await file.datasync();
        good += bytes.length;
        torn = false;
      } catch (error) {
        await rm(reserve, { force: true }).catch(() => undefined);
        await file.truncate(good).then(
          () => (torn = false),
          () => undefined,
        );
        throw error;
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
