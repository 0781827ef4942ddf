import type { IncomingHttpHeaders } from "node:http";

import type { World } from "./world.ts";

/** A change of the world. `apply` gives the value that then stands, which is what the write is recorded with. */
export interface Write {
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly apply: () => unknown;
}

/**
 * Lets a write take effect: at once, or after `slowWritesMs` whether or not its sender still waits, or never under
 * `ignoreWrites`. Only what took effect is recorded. `signal` is the end of the sandbox, which drops what is still due.
 */
export async function performWrite(world: World, write: Write, signal: AbortSignal): Promise<void> {
  const { ignoreWrites, slowWritesMs } = world.knobs;
  if (slowWritesMs > 0) await delay(slowWritesMs, signal);
  if (signal.aborted || ignoreWrites) return;
  const value = write.apply();
  world.writes.push({
    at: new Date().toISOString(),
    what: write.what,
    value,
    rollout: headerOf(write.headers, "x-canary-rollout"),
    epoch: epochOf(headerOf(write.headers, "x-canary-epoch")),
  });
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}

function epochOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
