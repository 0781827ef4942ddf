import { execFile } from "node:child_process";

/** Runs git in a folder and gives what it prints; null where it fails, or there is none. */
export function runGit(folder: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile(
      "git",
      ["-C", folder, ...args],
      { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, timeout: 30_000 },
      (error, stdout) => done(error === null ? stdout : null),
    );
  });
}
