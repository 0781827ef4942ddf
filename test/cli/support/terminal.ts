import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

import type { World } from "../../e2e/support/world.ts";
import { afterTest } from "../../support/after-test.ts";
import { eventually } from "../../support/sandbox-client.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const FAST = join(ROOT, "test/e2e/plans/fast.yaml");
/** The built command, for a line of a shell. */
export const CANARY = `"${process.execPath}" "${join(ROOT, "bin/canary.js")}"`;

/** The command line of a rollout in a few seconds. */
export function startLine(
  { sandbox, evidence }: World,
  rest = "--time-scale 1/3 --set soak=6s",
): string {
  return `${CANARY} start ${FAST} --sandbox ${sandbox.url} ${rest} --evidence ${evidence}`;
}

export interface Shell {
  readonly pid: number;
  readonly done: Promise<{ readonly code: number | null; readonly text: string }>;
  readonly text: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** What a person types: `\u0003` is Ctrl-C. */
  readonly type: (keys: string) => void;
  /** Resolves when this was shown. */
  readonly shows: (words: RegExp) => Promise<string>;
}

/** Runs a command in a process group of its own, which ends with the test. */
export function run(
  argv: readonly string[],
  folder: string,
  env: Record<string, string> = {},
): Shell {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, {
    cwd: folder,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CANARY_STATE_DIR: join(folder, "state"),
      TERM: "xterm",
      ...env,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.stdin.on("error", () => undefined);
  const pid = child.pid ?? 0;
  afterTest(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGKILL");
  });
  return {
    pid,
    done: new Promise((end) => child.on("close", (code) => end({ code, text }))),
    text: () => text,
    signal: (name) => void child.kill(name),
    type: (keys) => void child.stdin.write(keys),
    shows: (words) =>
      eventually(
        () => Promise.resolve(text),
        (all) => words.test(all),
      ),
  };
}

/** Runs a command line on a terminal of its own (util-linux script). */
export function onTerminal(line: string, folder: string, env: Record<string, string> = {}): Shell {
  return run(["script", "-qefc", line, "/dev/null"], folder, env);
}
