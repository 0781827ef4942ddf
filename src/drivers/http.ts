import type { Millis } from "../core/units.ts";
import type { WireRequest, WireResult } from "./wire-request.ts";

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
  /** The body of the answer is no text: it is given in base64. */
  readonly binary?: true;
}

/** PEM texts: an authority to trust instead of the machine's own, and a certificate to sign in with. */
export interface TlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** One request: no redirects followed, no retries, size and time capped. Never throws. */
export type HttpPort = (request: HttpRequest) => Promise<HttpResult>;

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
    const send = usesProxy(asked.url) ? await loadProxied() : await loadDirect();
    const result = await send({
      url: asked.url,
      method: asked.method,
      headers: {
        "user-agent": "canary-rollout",
        "x-canary-rollout": identity.rollout,
        "x-canary-epoch": String(identity.epoch),
        ...asked.headers,
      },
      body: asked.body ?? null,
      tls: given(asked.tls ?? {}),
      signal,
      encoding: asked.binary === true ? "base64" : "utf8",
    });
    if (result.kind === "answer") return result;
    const { error, sent } = result;
    if (asked.signal.aborted) return { kind: "noAnswer", why: wordsOf(asked.signal), sent };
    if (signal.aborted)
      return { kind: "noAnswer", why: `no answer within ${asked.timeout} ms`, sent };
    return { kind: "noAnswer", why: describe(error, codeOf(error)), sent };
  };
}

type Client = (request: WireRequest) => Promise<WireResult>;

// Each client is loaded at the first request that needs it: an abort through kubectl alone pays for none.
async function loadDirect(): Promise<Client> {
  return (await import("./direct-request.ts")).directRequest;
}

async function loadProxied(): Promise<Client> {
  return (await import("./proxied-request.ts")).proxiedRequest;
}

const PROXIES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];
const LOCAL = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function usesProxy(url: string): boolean {
  if (PROXIES.every((name) => (process.env[name] ?? "") === "")) return false;
  const host = URL.parse(url)?.hostname;
  return host !== undefined && !LOCAL.test(host);
}

/** Without the parts that are not given: a client takes `ca: undefined` for "trust nobody else". */
function given(tls: TlsOptions): TlsOptions {
  return Object.fromEntries(Object.entries(tls).filter(([, pem]) => pem !== undefined));
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
