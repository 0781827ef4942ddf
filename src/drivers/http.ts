import type { Dispatcher } from "undici";

import type { Millis } from "../core/units.ts";

/** An HTTP answer of any status, or the reason why there was none. */
export type HttpResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Lower-case names; several values of one name are joined by `, `. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: "noAnswer";
      readonly why: string;
      /** Whether the request may have reached the server. */
      readonly sent: boolean;
    };

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Absent: `signal` alone decides. */
  readonly timeout?: Millis;
  readonly tls?: TlsOptions;
}

/** PEM texts: an authority to trust instead of the machine's own, and a certificate to sign in with. */
export interface TlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** One request: no redirects followed, no retries, size and time capped. Never throws. */
export type HttpPort = (request: HttpRequest) => Promise<HttpResult>;

const MAX_BODY = 8 * 1024 * 1024;
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

/**
 * Builds the port. Requests carry rollout and epoch as headers, so that a target's own log can tell who wrote. The proxy
 * of the environment is used (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`), but never for this machine itself.
 */
export function createHttp(identity: {
  readonly rollout: string;
  readonly epoch: number;
}): HttpPort {
  return async (asked) => {
    if (asked.signal.aborted)
      return { kind: "noAnswer", why: "interrupted before it was sent", sent: false };
    const limit = asked.timeout === undefined ? [] : [AbortSignal.timeout(asked.timeout)];
    const signal = AbortSignal.any([asked.signal, ...limit]);
    let dispatcher: Dispatcher | undefined;
    try {
      // Loaded at the first request: an abort through kubectl alone does not pay for it.
      const { request } = await import("undici");
      dispatcher = await openDispatcher(asked.tls);
      const response = await request(asked.url, {
        method: asked.method,
        headers: {
          "user-agent": "canary-rollout",
          "x-canary-rollout": identity.rollout,
          "x-canary-epoch": String(identity.epoch),
          ...asked.headers,
        },
        body: asked.body ?? null,
        signal,
        // One connection per request: a kept one that the server closes meanwhile would make a write's outcome unknown.
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
        body: await capped(response.body),
      };
    } catch (error) {
      if (asked.signal.aborted) return { kind: "noAnswer", why: wordsOf(asked.signal), sent: true };
      if (signal.aborted)
        return { kind: "noAnswer", why: `no answer within ${asked.timeout} ms`, sent: true };
      const code = codeOf(error);
      return { kind: "noAnswer", why: describe(error, code), sent: !NOT_SENT.has(code) };
    } finally {
      // Not awaited, and destroyed rather than closed: a server that keeps its side open must not hold an abort.
      void dispatcher?.destroy();
    }
  };
}

const LOCAL = "localhost,127.0.0.1,[::1],::1";

/** A dispatcher of its own for one request: none outlives it, and none retries or follows redirects. */
async function openDispatcher(tls: TlsOptions | undefined): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const { ca, cert, key } = tls ?? {};
  const own = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const proxied = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];
  if (proxied.every((name) => (process.env[name] ?? "") === "")) return new Agent({ connect: own });
  const noProxy = process.env["no_proxy"] ?? process.env["NO_PROXY"] ?? "";
  return new EnvHttpProxyAgent({
    connect: own,
    requestTls: own,
    noProxy: noProxy === "" ? LOCAL : `${noProxy},${LOCAL}`,
  });
}

async function capped(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the answer is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
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

function wordsOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === "TimeoutError"
    ? "no answer in time"
    : "interrupted";
}

function codeOf(error: unknown): string {
  return typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string"
    ? error.code
    : "";
}

function describe(error: unknown, code: string): string {
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND") return "the host name is unknown";
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET")
    return "the connection was cut before the answer was complete";
  if (code === "DEPTH_ZERO_SELF_SIGNED_CERT" || code === "SELF_SIGNED_CERT_IN_CHAIN")
    return "the certificate is signed by an unknown authority: give its `tls.ca`, or set NODE_EXTRA_CA_CERTS";
  const message = error instanceof Error ? error.message : String(error);
  return code === "" || message.includes(code) ? message : `${message} (${code})`;
}
