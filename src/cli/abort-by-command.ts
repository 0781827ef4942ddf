import { spawn } from "node:child_process";

/** An abort under way in a process of its own. */
export interface AbortByCommand {
  /** When it was entered, in milliseconds of the wall clock. */
  readonly entered: number;
  /** Its exit code, and what it complained of. */
  readonly exit: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Enters `canary abort ID` as a person would in another terminal. What it shows is in the journal, which this process follows. */
export function abortByCommand(rollout: string, by: string): AbortByCommand {
  const args = ["abort", rollout, "--reason", "drill", "--by", by, "--output", "plain"];
  const entered = Date.now();
  const child = spawn(process.execPath, [process.argv[1] ?? "", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    // A Ctrl-C here must not stop what brings everything back.
    detached: true,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const { promise, resolve } = Promise.withResolvers<Awaited<AbortByCommand["exit"]>>();
  child.on("error", (error) => resolve({ code: null, stderr: error.message }));
  child.on("close", (code) => resolve({ code, stderr }));
  return { entered, exit: promise };
}
