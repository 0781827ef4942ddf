import { spawn, type ChildProcess } from "node:child_process";

import type { Millis } from "../core/units.ts";
import { openCappedText } from "./capped-text.ts";

/** A finished child process. `exitCode` is null when it was killed or never started; then `why` says so. */
export interface ExecResult {
  readonly exitCode: number | null;
  /** At most 4 MiB; what was left out in the middle is stated in the text. */
  readonly stdout: string;
  readonly stderr: string;
  readonly why: string | null;
  /** Whether a process ran at all: `false` proves that nothing happened. */
  readonly started: boolean;
}

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** Absent: `signal` alone decides. */
  readonly timeout?: Millis;
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether what it started itself ends with it, also when it leaves on its own. */
  readonly leavesNothing?: boolean;
}

/** Runs an argv, never a shell. Never throws. */
export type ExecPort = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

/** How long a group has between SIGTERM and SIGKILL: less than the 5 s in which an interrupted apply owes its answer. */
const KILL_AFTER: Millis = 2000;
/** How long output is awaited after the process itself is gone: a daemon it left behind may hold the pipes for ever. */
const DRAIN: Millis = 1000;

/**
 * Builds the port for one epoch of a rollout. Children run in a process group of their own, so that the terminal's
 * Ctrl-C reaches the runner alone, and carry rollout and epoch in their environment, so that a takeover can tell
 * whose they are and kill them. Node's own `spawn` rather than execa: execa kills a child that prints too much, and
 * after a kill it waits for a descendant that left the group (`setsid`) for as long as that lives.
 */
export function createExec(identity: {
  readonly rollout: string;
  readonly epoch: number;
}): ExecPort {
  return async (argv, options) => {
    const [file, ...args] = argv;
    if (file === undefined || file === "") return neverRan("the command is empty");
    if (options.signal.aborted) return neverRan("interrupted before it started");
    let child: ChildProcess;
    try {
      child = spawn(file, args, {
        detached: true,
        stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: {
          ...process.env,
          ...options.env,
          CANARY_ROLLOUT: identity.rollout,
          CANARY_EPOCH: String(identity.epoch),
        },
      });
    } catch (error) {
      // A NUL byte in an argument, a too long argument list: for a plan that is bad input, not a bug.
      return neverRan(error instanceof Error ? error.message : String(error));
    }
    return await follow(child, file, options);
  };
}

function follow(child: ChildProcess, file: string, options: ExecOptions): Promise<ExecResult> {
  const stdout = openCappedText(child.stdout);
  const stderr = openCappedText(child.stderr);
  // A child that does not read its input closes the pipe: that is its right, and its exit code says the rest.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);
  const { promise, resolve } = Promise.withResolvers<ExecResult>();
  let cut: string | null = null;
  let killing: NodeJS.Timeout | undefined;
  let draining: NodeJS.Timeout | undefined;
  const stop = (why: string): void => {
    if (cut !== null) return;
    cut = why;
    killGroup(child, "SIGTERM");
    killing = setTimeout(() => killGroup(child, "SIGKILL"), KILL_AFTER);
  };
  const interrupt = (): void => stop(wordsOf(options.signal));
  const limit =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => stop(`no answer within ${options.timeout} ms`), options.timeout);
  const settle = (result: Omit<ExecResult, "stdout" | "stderr">): void => {
    for (const timer of [limit, draining]) clearTimeout(timer);
    // A descendant may ignore SIGTERM and outlive the child: the kill of its group stays due.
    options.signal.removeEventListener("abort", interrupt);
    resolve({ ...result, stdout: stdout.close(), stderr: stderr.close() });
  };
  const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (cut !== null) return settle({ exitCode: null, why: cut, started: true });
    const why = code === null ? `killed by ${signal ?? "a signal"}` : null;
    settle({ exitCode: code, why, started: true });
  };
  options.signal.addEventListener("abort", interrupt, { once: true });
  child.once("error", (error) => {
    if (child.pid === undefined)
      settle({ exitCode: null, why: startFailure(error, file, options.cwd), started: false });
  });
  child.once("exit", (code, signal) => {
    if (options.leavesNothing === true && groupLives(child)) killGroup(child, "SIGKILL");
    if (cut !== null && !groupLives(child)) clearTimeout(killing);
    draining = setTimeout(() => finish(code, signal), DRAIN);
  });
  child.once("close", finish);
  return promise;
}

/** Signals the child's whole group; its pid cannot be reused as a group while a descendant is in it. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

function groupLives(child: ChildProcess): boolean {
  try {
    return child.pid !== undefined && process.kill(-child.pid, 0);
  } catch {
    return false;
  }
}

function wordsOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === "TimeoutError"
    ? "no answer in time"
    : "interrupted";
}

function startFailure(error: Error, file: string, cwd: string | undefined): string {
  const code = "code" in error ? error.code : undefined;
  // Node reports a missing working folder as ENOENT of the command.
  if (code === "ENOENT" && cwd !== undefined)
    return `${file} was not found on the PATH, or there is no folder ${cwd}`;
  if (code === "ENOENT")
    return file.includes("/") ? `there is no file ${file}` : `${file} was not found on the PATH`;
  if (code === "EACCES") return `${file} may not be executed: set its executable bit`;
  return error.message;
}

function neverRan(why: string): ExecResult {
  return { exitCode: null, stdout: "", stderr: "", why, started: false };
}
