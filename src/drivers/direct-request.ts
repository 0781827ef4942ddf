import type { ClientRequest, IncomingMessage, request } from "node:http";

import type { WireRequest, WireResult } from "./wire-request.ts";
import { readCapped } from "./wire-request.ts";

/**
 * Sends one request over a connection of its own, by Node's own client: it is there in a third of the time that undici
 * takes to load, and the first write of an abort waits for it.
 */
export async function directRequest(asked: WireRequest): Promise<WireResult> {
  let request: ClientRequest | undefined;
  let connected = false;
  try {
    const url = new URL(asked.url);
    const secure = url.protocol === "https:";
    request = clientFor(secure)(url, {
      // No agent: a kept connection that the server closes meanwhile would make a write's outcome unknown.
      agent: false,
      method: asked.method,
      headers: {
        ...asked.headers,
        ...(asked.body === null ? {} : { "content-length": Buffer.byteLength(asked.body) }),
      },
      signal: asked.signal,
      ...asked.tls,
    });
    request.once("socket", (socket) =>
      socket.once(secure ? "secureConnect" : "connect", () => {
        connected = true;
      }),
    );
    const response = await answerTo(request, asked.body);
    return {
      kind: "answer",
      status: response.statusCode ?? 0,
      headers: joined(response.headersDistinct),
      body: await readCapped(response, asked.encoding),
    };
  } catch (error) {
    return { kind: "broken", error, sent: connected };
  } finally {
    // A server that keeps its side open must not hold an abort.
    request?.destroy();
  }
}

/**
 * TLS is loaded where it is needed. Not by `import`: that reads every export of the module, and with them Node loads its
 * own undici for `WebSocket`, a seventh of the time until the first write of an abort.
 */
function clientFor(secure: boolean): typeof request {
  return process.getBuiltinModule(secure ? "node:https" : "node:http").request;
}

function answerTo(request: ClientRequest, body: string | null): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  // Not once: an error may follow the one that was told, and would be nobody's.
  request.on("error", reject);
  request.end(body ?? undefined);
  return promise;
}

function joined(headers: IncomingMessage["headersDistinct"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, (values ?? []).join(", ")]),
  );
}
