import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** A log that lines are appended to. */
export interface LogFile {
  append(lines: readonly string[]): void;
  /** Resolves when all lines are with the operating system. */
  close(): Promise<void>;
}

/**
 * Opens `<folder>/app.log` for appending, and makes the folder.
 * @throws when the folder cannot be made. A write that fails later ends the log, never the sandbox.
 */
export async function openLogFile(folder: string): Promise<LogFile> {
  await mkdir(folder, { recursive: true });
  const stream = createWriteStream(join(folder, "app.log"), { flags: "a" });
  stream.on("error", () => {});
  return {
    append: (lines) => {
      if (stream.writable) stream.write(`${lines.join("\n")}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        stream.once("close", () => resolve());
        if (stream.destroyed) resolve();
        else stream.end();
      }),
  };
}
