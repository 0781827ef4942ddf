import { spawn, type ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { SandboxOptions } from "./start-sandbox.ts";

/** How to start a sandbox as a process of its own; everything has a default. */
export interface DetachedOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly seed?: number;
  readonly logDir?: string;
  /** How long it stays after its last request, and after the runner has gone: 60 000 ms when absent. */
  readonly idleMs?: number;
}

/** What the child is told. */
export interface DetachedSettings {
  readonly idleMs: number;
  readonly sandbox: Pick<SandboxOptions, "port" | "seed" | "logDir">;
}

/** A sandbox that outlives this process. */
export interface DetachedSandbox {
  readonly url: string;
  readonly pid: number;
}

const startTimeoutMs = 10_000;

/**
 * Starts a sandbox in its own process and session: it outlives this process, and a Ctrl-C in its terminal, and ends by
 * itself a minute after its last request once this process has gone. Nothing of it keeps this process alive.
 * @throws when it did not start: the port is taken, or no answer came within 10 s.
 */
export async function startDetachedSandbox(
  options: DetachedOptions = {},
): Promise<DetachedSandbox> {
  const { port = 0, seed, logDir, idleMs = 60_000 } = options;
  const settings: DetachedSettings = {
    idleMs,
    sandbox: {
      port,
      ...(seed === undefined ? {} : { seed }),
      ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    },
  };
  const child = spawn(process.execPath, [entryPath(), JSON.stringify(settings)], {
    // Not the runner's folder, which may have to go away before the sandbox does.
    cwd: tmpdir(),
    env: ownEnvironment(),
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const url = await readUrl(child);
  child.unref();
  child.channel?.unref();
  return { url, pid: child.pid ?? 0 };
}

/** The child beside this file: built beside the built, source beside the source. */
function entryPath(): string {
  return fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));
}

/**
 * Without the marks by which a takeover finds and kills what an old runner left behind: the world that is rolled out in
 * must not go with it. And without node's options, which are meant for the runner (a debugger's port, a preload).
 */
function ownEnvironment(): NodeJS.ProcessEnv {
  const {
    CANARY_ROLLOUT: _rollout,
    CANARY_EPOCH: _epoch,
    NODE_OPTIONS: _options,
    ...rest
  } = process.env;
  return rest;
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((fulfil, reject) => {
    const settle = (said: { url?: string; error?: string }): void => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.removeAllListeners("message");
      if (said.url !== undefined) return fulfil(said.url);
      child.kill("SIGKILL");
      reject(new Error(`the sandbox did not start: ${said.error ?? "it said no address"}`));
    };
    const timer = setTimeout(
      () => settle({ error: `no answer within ${startTimeoutMs / 1000} s` }),
      startTimeoutMs,
    );
    child.once("message", (said) => settle(said as { url?: string; error?: string }));
    child.once("error", (error) => settle({ error: error.message }));
    child.once("exit", (code, signal) =>
      settle({ error: `its process ended with ${signal ?? code}` }),
    );
  });
}
