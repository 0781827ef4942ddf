import { request } from "undici";
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
      /** Whether the request may have reached the server. */ readonly sent: boolean;
    };

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly timeout: Millis;
}

/** One request: no redirects followed, no retries, size and time capped. Never throws. */
export type HttpPort = (request: HttpRequest) => Promise<HttpResult>;

const MAX_BODY = 8 * 1024 * 1024;
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ERR_INVALID_URL",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
]);

/** Builds the port. Writes carry rollout and epoch as headers, so that a target's own log can tell who wrote. */
export function createHttp(identity: {
  readonly rollout: string;
  readonly epoch: number;
}): HttpPort {
  return async (asked) => {
    const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(asked.timeout)]);
    try {
      const response = await request(asked.url, {
        method: asked.method,
        headers: {
          "x-canary-rollout": identity.rollout,
          "x-canary-epoch": String(identity.epoch),
          ...asked.headers,
        },
        body: asked.body ?? null,
        signal,
        // The runner's own bound decides; undici's 300 s defaults would only blur the message.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return {
        kind: "answer",
        status: response.statusCode,
        headers: flatten(response.headers),
        body: await capped(response.body),
      };
    } catch (error) {
      if (asked.signal.aborted) return { kind: "noAnswer", why: "interrupted", sent: true };
      if (signal.aborted)
        return { kind: "noAnswer", why: `no answer within ${asked.timeout} ms`, sent: true };
      const code = codeOf(error);
      return { kind: "noAnswer", why: describe(error, code), sent: !NOT_SENT.has(code) };
    }
  };
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
  const message = error instanceof Error ? error.message : String(error);
  return code === "" ? message : `${message} (${code})`;
}
