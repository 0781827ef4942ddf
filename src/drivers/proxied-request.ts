import type { Dispatcher } from "undici";

import { readCapped, type WireRequest, type WireResult } from "./wire-request.ts";

/** Failures that come before the first byte of a request: nothing can have happened. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ERR_INVALID_URL",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Sends one request through the proxy of the environment, or past it where `NO_PROXY` says so. */
export async function proxiedRequest(asked: WireRequest): Promise<WireResult> {
  const { request, EnvHttpProxyAgent } = await import("undici");
  const tls = { ...asked.tls };
  let dispatcher: Dispatcher | undefined;
  try {
    dispatcher = new EnvHttpProxyAgent({ connect: tls, requestTls: tls });
    const response = await request(asked.url, {
      method: asked.method,
      headers: asked.headers,
      body: asked.body,
      signal: asked.signal,
      reset: true,
      // The runner's own bound decides; undici's 300 s defaults would only blur the message.
      headersTimeout: 0,
      bodyTimeout: 0,
      dispatcher,
    });
    return {
      kind: "answer",
      status: response.statusCode,
      headers: flatten(response.headers),
      body: await readCapped(response.body, asked.encoding),
    };
  } catch (error) {
    return { kind: "broken", error, sent: !NOT_SENT.has(codeOf(error)) };
  } finally {
    // Not awaited, and destroyed rather than closed: a server that keeps its side open must not hold an abort.
    void dispatcher?.destroy();
  }
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
