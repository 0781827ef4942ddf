import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { advance } from "./advance.ts";
import { handleRequest } from "./handle-request.ts";
import { openLogFile } from "./log-file.ts";
import { createWorld, type World } from "./world.ts";

const tickMs = 100;

/** How to start a sandbox. */
export interface SandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Loopback only: the sandbox has no authentication. */
  readonly host?: "127.0.0.1";
  /** Of the generated load; 1 when absent. The same seed gives the same requests. */
  readonly seed?: number;
  /** Where `app.log` is written; no file when absent (`GET /logs` shows the lines all the same). */
  readonly logDir?: string;
  /** Called at each request, before it is answered. */
  readonly onRequest?: () => void;
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Stops the load, drops late writes and hanging requests, and closes the log. Twice is once. */
  close(): Promise<void>;
}

/**
 * Starts the embedded world on one loopback port; `docs/sandbox.md` lists its endpoints and knobs.
 * @throws when the port is taken, or the log folder cannot be made.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = createWorld({ seed: options.seed ?? 1, startedAt: Date.now() });
  const log = options.logDir === undefined ? null : await openLogFile(options.logDir);
  if (log !== null) world.onLog = (lines) => log.append(lines);
  const closing = new AbortController();
  const server = serve(world, closing.signal, options.onRequest);
  try {
    await listen(server, options.port, options.host ?? "127.0.0.1");
  } catch (error) {
    await log?.close();
    throw error;
  }
  const ticker = setInterval(() => advance(world, Date.now()), tickMs);
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(ticker);
    closing.abort();
    await closeServer(server);
    await log?.close();
  };
  return { url: `http://127.0.0.1:${port}`, port, close: () => (closed ??= close()) };
}

function serve(world: World, signal: AbortSignal, onRequest: (() => void) | undefined): Server {
  const server = createServer((request, response) => {
    onRequest?.();
    void handleRequest(world, request, response, signal);
  });
  // Longer than a client's pool keeps a connection: else a request can meet the close and looks like a failed one.
  server.keepAliveTimeout = 75_000;
  return server;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Error(`port ${port} is taken: choose another, or 0 for any`) : error);
    });
    server.listen(port, host, () => resolve());
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
