import type { IncomingHttpHeaders } from "node:http";

import type { World } from "./world.ts";

/** An answer. A `body` that is a string goes out as it is, anything else as JSON. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
  /** The methods that a 405 names. */
  readonly allow?: string;
}

/** What comes back for a request; `hang` is no answer at all. */
export type Reply = Answer | { readonly kind: "hang" };

/** One request, read to its end. `body` is the parsed JSON, or `undefined` when there was none. */
export interface Ask {
  readonly world: World;
  /** Epoch milliseconds; the load has been run up to here. */
  readonly now: number;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** What stands in the path's `:name` places, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Aborted when the sandbox closes. */
  readonly signal: AbortSignal;
}

/** An endpoint: `path` may hold `:name` places; `about` is its line in `GET /`. */
export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly about: string;
  readonly answer: (ask: Ask) => Reply | Promise<Reply>;
}

/** A JSON answer. */
export function answer(status: number, body: unknown): Answer {
  return { kind: "answer", status, body };
}

/** A refusal: lower case, the wrong value, what to send instead. */
export function refuse(message: string, status = 400): Answer {
  return { kind: "answer", status, body: { error: message } };
}
