import { UsageError } from "../usage-error.ts";

/** The reader went away, which is its right. */
const GONE: ReadonlySet<string | undefined> = new Set([
  "EPIPE",
  "EIO",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/**
 * Writes lines to stdout, and waits until a slow reader has taken them; false when nobody reads any more. Throws wrong usage
 * where they cannot be written, as on a full disk.
 */
export async function writeLines(lines: readonly string[]): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.writableEnded) return false;
  if (lines.length === 0) return true;
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    stdout.write(`${lines.join("\n")}\n`, (failed) => resolve(failed ?? null));
  });
  if (error === null) return true;
  if (GONE.has(error.code)) return false;
  throw new UsageError(`stdout cannot be written: ${error.message}`, "make room for the answers");
}
