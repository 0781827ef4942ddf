import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { answerRequest, refused } from "./answer-request.ts";
import type { ServePorts } from "./ports.ts";
import { refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";

/** How long a client may take to send its headers, and all of its request, in milliseconds. */
const HEADERS_WITHIN = 5000;
const REQUEST_WITHIN = 10_000;

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM texts; null serves plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves the HTTP interface. Rejects when the address is taken. */
export async function startServer(
  ports: ServePorts,
  { host, port, tls }: ServerOptions,
): Promise<RunningServer> {
  const limits = { headersTimeout: HEADERS_WITHIN, requestTimeout: REQUEST_WITHIN };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void answerRequest(ports, request).then((reply) => send(request, response, reply));
  };
  const server =
    tls === null
      ? createServer({ ...limits, connectionsCheckingInterval: 1000 }, listener)
      : createTlsServer({ ...limits, ...tls, connectionsCheckingInterval: 1000 }, listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    void notHttp(ports, error, socket);
  });
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `${tls === null ? "http" : "https"}://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // What is left of a body that nobody read must not be taken for the next request.
    ...(request.complete ? {} : { connection: "close" }),
    ...reply.headers,
  });
  response.end(`${JSON.stringify(reply.body, null, 2)}\n`);
  request.resume();
}

/** What is not even HTTP never becomes a request: it is answered on the socket, and recorded all the same. */
async function notHttp(
  ports: ServePorts,
  { code = "" }: NodeJS.ErrnoException,
  socket: Socket,
): Promise<void> {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    code === "HPE_HEADER_OVERFLOW" ? 431 : code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const refusal = refuse(status, "malformed", `this is no HTTP request (${code})`);
  const address = socket.remoteAddress ?? "";
  const caller = { address, forwarded: null, method: "", path: "" };
  const { body } = await refused(ports, refusal, caller, null);
  const text = `${JSON.stringify(body)}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Error(`port ${port} is taken: choose another, or 0 for any`) : error);
    });
    server.listen(port, host, () => resolve());
  });
}
