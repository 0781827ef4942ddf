import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

import type { Json } from "../../../../src/core/units.ts";

const FOLDER = resolve(import.meta.dirname, "../../../unleash");

export interface UnleashServer extends AsyncDisposable {
  readonly url: string;
  /** An admin token. */
  readonly token: string;
  /** Asks the admin API directly. Throws unless the answer is a success. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Json>;
}

/** Why no real Unleash can run here; null when it can. CI must have it. */
export function noUnleash(): string | null {
  const missing = [
    ...(existsSync(resolve(FOLDER, "node_modules/unleash-server"))
      ? []
      : ["unleash-server: run `npm ci --prefix test/unleash`"]),
    ...(existsSync("/usr/lib/postgresql") ? [] : ["PostgreSQL server: install `postgresql`"]),
  ];
  if (missing.length === 0) return null;
  const why = `no ${missing.join(", and no ")}`;
  if (process.env["CI"] === "true") throw new Error(why);
  return why;
}

/** Starts a real Unleash server with a fresh database: a process of its own on a free port. Takes 10 to 30 seconds. */
export async function startUnleash(): Promise<UnleashServer> {
  const child = spawn(process.execPath, [resolve(FOLDER, "serve.js")], {
    cwd: FOLDER,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, TZ: "UTC" },
  });
  const exited = once(child, "exit");
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const line = await Promise.race([
    once(createInterface(child.stdout), "line").then(([text]) => String(text)),
    exited.then(() => {
      throw new Error(`unleash ended: ${stderr.slice(-2000)}`);
    }),
  ]);
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  let wanted = true;
  void exited.then(([code, signal]) => {
    if (wanted) console.error(`unleash ended with ${code ?? signal}: ${stderr.slice(-4000)}`);
  });
  return {
    url,
    token,
    async ask(method, path, body, as = token) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: as, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? null : (JSON.parse(text) as Json);
    },
    async [Symbol.asyncDispose]() {
      // Its database goes with it.
      wanted = false;
      child.stdin.end();
      await exited;
    },
  };
}
