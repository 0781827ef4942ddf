import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";

import { startLoopbackServer, type LoopbackServer } from "./loopback-server.ts";

/** Whether a program can be run here; in CI it must. */
export function hasProgram(program: string): boolean {
  // Servers lie where an ordinary user's PATH does not look.
  process.env["PATH"] = `${process.env["PATH"] ?? ""}:/usr/sbin`;
  if (spawnSync("which", [program]).status === 0) return true;
  if (process.env["CI"] === "true") throw new Error(`no ${program} on the PATH: install it in CI`);
  return false;
}

/** A server that answers its own name, for routers to choose from. */
export async function startNamed(
  name: string,
): Promise<LoopbackServer & { readonly address: string }> {
  const server = await startLoopbackServer(() => ({ status: 200, body: name }));
  return { ...server, address: new URL(server.url).host };
}

/** A running program that is stopped by its pid. */
export interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
}

/** Starts a program and waits until `isReady`. Throws with what it printed when it ends before. */
export async function startProgram(
  command: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<Program> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString("utf8")).slice(-4000);
    });
  const exited = once(child, "exit");
  while (child.exitCode === null && !(await isReady()))
    await new Promise((resolve) => setTimeout(resolve, 25));
  if (child.exitCode !== null)
    throw new Error(`${command} ended with ${child.exitCode}: ${printed}`);
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 2000);
      await exited;
      clearTimeout(late);
    },
  };
}

/** What a request through the router got: the body, or the status where it is no success. */
export function ask(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const sent = request(url, { headers, agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk) => (body += String(chunk)));
    response.on("end", () =>
      resolve(response.statusCode === 200 ? body : String(response.statusCode)),
    );
  });
  sent.on("error", (error) => resolve(error.message));
  sent.end();
  return promise;
}

/** How many of `count` requests got which answer. */
export async function split(
  url: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < count; sent += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(url, headers)));
    for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}
