import type { Json } from "../../../src/core/units.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../support/loopback-server.ts";

export interface Asked extends Seen {
  readonly json: Readonly<Record<string, Json>>;
}

/** What a fake does next instead of what it documents: answer so, say nothing, or cut the connection. */
export type Trouble = Reply | null | "cut";

export interface FakeApi extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** The next requests meet these, one each; after them all is well again. */
  trouble(...next: readonly Trouble[]): void;
}

/**
 * A contract fake: a real HTTP server that answers as the vendor's documentation says, and refuses what it says is
 * refused. It is no proof that the vendor does the same.
 */
export async function startFakeApi(answer: (asked: Asked) => Reply): Promise<FakeApi> {
  const queue: Trouble[] = [];
  const asked: Asked[] = [];
  const server: LoopbackServer = await startLoopbackServer((seen) => {
    const one = { ...seen, json: parse(seen.body) };
    asked.push(one);
    const next = queue.shift();
    return next === undefined ? answer(one) : next;
  });
  return {
    url: server.url,
    asked,
    trouble: (...next) => void queue.push(...next),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function parse(body: string): Asked["json"] {
  try {
    return JSON.parse(body) as Asked["json"];
  } catch {
    return {};
  }
}

export function json(status: number, body: Json): Reply {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** An object inside a body. */
export function inside(value: Json | undefined): Readonly<Record<string, Json>> {
  return (value ?? {}) as Readonly<Record<string, Json>>;
}
