import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

import type { TestContext } from "vitest";

import { afterTest } from "./after-test.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Skips a test whose program is not installed, with the reason; in CI that is a failure. */
export function needProgram(context: TestContext, program: string): void {
  if (spawnSync("which", [program]).status === 0) return;
  if (process.env["CI"] === "true") throw new Error(`no ${program} on the PATH: install it in CI`);
  context.skip(`no ${program} on the PATH`);
}

/** A folder that is removed when the test ends. */
export async function folderForTest(): Promise<string> {
  const folder = await temporaryFolder();
  afterTest(() => folder[Symbol.asyncDispose]());
  return folder.path;
}

export interface RealServer {
  readonly pid: number;
  /** Ends it now, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

export interface RealServerOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Asked until it is true. */
  readonly isReady: () => Promise<boolean>;
  /** What ends it; some lose their children to a SIGKILL. */
  readonly signal?: NodeJS.Signals;
}

/** As `startServer`, but the server ends with the test. */
export async function startRealServer(
  command: string,
  args: readonly string[],
  options: RealServerOptions,
): Promise<RealServer> {
  return await startServer(command, args, options, afterTest);
}

/**
 * Starts a server and waits until it is ready; `onStarted` is told how to end it, before it is waited for.
 * @throws with the end of what it printed, when it ends before.
 */
export async function startServer(
  command: string,
  args: readonly string[],
  { isReady, signal = "SIGKILL", ...spawned }: RealServerOptions,
  onStarted: (stop: () => Promise<void>) => void = () => undefined,
): Promise<RealServer> {
  const child = spawn(command, args, { ...spawned, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString("utf8")).slice(-4000);
    });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  onStarted(stop);
  while (child.exitCode === null && !(await isReady()))
    await new Promise((resolve) => setTimeout(resolve, 50));
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`${command} ended with ${String(child.exitCode)}: ${printed}`);
  return { pid: child.pid, stop };
}

/** Whether an address answers with success. */
export async function answers(url: string, init?: RequestInit): Promise<boolean> {
  return await fetch(url, init).then(
    (response) => response.ok,
    () => false,
  );
}
