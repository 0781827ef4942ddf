import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { KubeRoute } from "./kube-route.ts";

/** How long kubectl may take until it serves: its credential plugins may ask a server first. In milliseconds. */
const PATIENCE = 20_000;

/**
 * kubectl becomes the shell's own process, and whoever waits at the end of the pipe ends it: the pipe closes with this
 * process, also when that is killed. Nothing is left behind then, neither a proxy nor its folder.
 */
const SCRIPT = `dir=$1; shift
exec 3<&0
(cat <&3 >/dev/null; kill $$ 2>/dev/null; rm -rf "$dir") >/dev/null 2>&1 &
exec kubectl "$@" 3<&- </dev/null`;

/**
 * Starts `kubectl proxy` on a socket: so every way to sign in that kubectl knows works here too, and a request costs no
 * process. The socket lies in a folder that only this user can open. Throws with what kubectl said.
 */
export async function startKubeProxy(flags: readonly string[]): Promise<KubeRoute> {
  const { Agent, request } = process.getBuiltinModule("node:http");
  const folder = await mkdtemp(join(tmpdir(), "canary-proxy-"));
  const socket = join(folder, "s");
  const args = [...flags, "proxy", `--unix-socket=${socket}`];
  // A process group of its own: the terminal's Ctrl-C is not meant for it.
  const child = spawn("/bin/sh", ["-c", SCRIPT, "canary", folder, ...args], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const stop = (): void => {
    agent.destroy();
    child.stdin.destroy();
  };
  child.on("exit", stop);
  child.on("error", stop);
  try {
    await served(child);
  } catch (error) {
    stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  letGo(child);
  return {
    options: { socketPath: socket, agent, headers: { host: "localhost" } },
    prefix: "",
    request,
    isDirect: false,
    isAlive: () => isRunning(child),
    stop,
  };
}

function served(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => {
      reject(new Error(`kubectl proxy was not ready within ${PATIENCE / 1000} s: ${said.trim()}`));
    }, PATIENCE);
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString("utf8")).slice(-2000);
      if (!said.includes("Starting to serve")) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`kubectl proxy ended with ${String(code)}: ${said.trim()}`));
    });
  });
}

/** It must not keep this process from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as { unref?: () => void } | null)?.unref?.();
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
