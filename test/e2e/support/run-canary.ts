import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterTest } from "../../support/after-test.ts";

const BIN = resolve(import.meta.dirname, "../../../bin/canary.js");

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CanaryOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on its stdin; without it there is none. */
  readonly input?: string;
  /** Another canary than the one that is tested everywhere. */
  readonly bin?: string;
}

export interface CanaryProcess {
  readonly pid: number;
  readonly exit: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
}

/** A folder that goes with the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "canary-e2e-"));
  afterTest(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts the built command as a process of its own, with its state inside `folder`. It is killed when the test ends. */
export function startCanary(
  folder: string,
  args: readonly string[],
  options: CanaryOptions = {},
): CanaryProcess {
  const child = spawn(process.execPath, [options.bin ?? BIN, ...args], {
    cwd: options.cwd ?? folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CANARY_STATE_DIR: join(folder, "state"),
      // What a killed process leaves behind goes with the folder; what Node compiled is shared by all.
      TMPDIR: folder,
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
      NO_COLOR: "1",
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // It may leave without reading it.
  child.stdin.on("error", () => undefined).end(options.input);
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const exit = new Promise<Exit>((done) => {
    child.on("close", (code, signal) => done({ code, signal, ...texts }));
  });
  afterTest(() => stop(child, exit));
  return {
    pid: child.pid ?? 0,
    exit,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    signal: (name) => void child.kill(name),
  };
}

/** Runs the command to its end. */
export function runCanary(
  folder: string,
  args: readonly string[],
  options: CanaryOptions = {},
): Promise<Exit> {
  return startCanary(folder, args, options).exit;
}

async function stop(child: ChildProcess, exit: Promise<Exit>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGCONT");
  child.kill("SIGKILL");
  await exit;
}
