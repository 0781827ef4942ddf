import { execa } from "execa";
import type { Millis } from "../core/units.ts";

/** A finished child process. `exitCode` is null when it was killed or never started; then `why` says so. */
export interface ExecResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly why: string | null;
}

export interface ExecOptions {
  readonly signal: AbortSignal;
  readonly timeout: Millis;
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs an argv, never a shell. Never throws. */
export type ExecPort = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

const MAX_OUTPUT = 4 * 1024 * 1024;

/**
 * Builds the port for one epoch of a rollout. Children run in a process group of their own, so that the terminal's
 * Ctrl-C reaches the runner alone, and carry rollout and epoch in their environment, so that a takeover can tell
 * whose they are and kill them.
 */
export function createExec(identity: {
  readonly rollout: string;
  readonly epoch: number;
}): ExecPort {
  return async (argv, options) => {
    const [file, ...args] = argv;
    if (file === undefined || file === "") return failed("the command is empty");
    if (options.signal.aborted) return failed("interrupted before it started");
    try {
      const result = await execa(file, args, {
        reject: false,
        detached: true,
        cleanup: true,
        cancelSignal: options.signal,
        timeout: options.timeout,
        forceKillAfterDelay: 2000,
        killDescendants: true,
        maxBuffer: MAX_OUTPUT,
        stripFinalNewline: false,
        ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: {
          ...options.env,
          CANARY_ROLLOUT: identity.rollout,
          CANARY_EPOCH: String(identity.epoch),
        },
      });
      return {
        exitCode: result.exitCode ?? null,
        stdout: text(result.stdout),
        stderr: text(result.stderr),
        why:
          result.failed && result.exitCode === undefined ? reason(result, options.timeout) : null,
      };
    } catch (error) {
      // execa validates options by throwing (a NUL byte in an argument); for a plan that is bad input, not a bug.
      return failed(error instanceof Error ? error.message : String(error));
    }
  };
}

function reason(
  result: {
    timedOut: boolean;
    isCanceled: boolean;
    signal?: string | undefined;
    code?: string | undefined;
    originalMessage?: string | undefined;
  },
  timeout: Millis,
): string {
  if (result.timedOut) return `no answer within ${timeout} ms`;
  if (result.isCanceled) return "interrupted";
  if (result.code === "ENOENT") return "the command was not found on the PATH";
  if (result.signal !== undefined) return `killed by ${result.signal}`;
  return result.originalMessage ?? "it did not start";
}

function text(output: unknown): string {
  return typeof output === "string" ? output : "";
}

function failed(why: string): ExecResult {
  return { exitCode: null, stdout: "", stderr: "", why };
}
