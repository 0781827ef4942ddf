import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Reply, Seen } from "../../../support/loopback-server.ts";

/** What the proxy does with a request: lets it through, answers itself, answers never (null), or cuts the connection. */
export type Rule = (seen: Seen) => "pass" | Reply | null | "cut";

export interface FlagProxy extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly Seen[];
  rule: Rule;
}

/** A proxy in front of a flag service that can break it in every way a service breaks. */
export async function startFlagProxy(target: string): Promise<FlagProxy> {
  const seen: Seen[] = [];
  const state: { rule: Rule } = { rule: () => "pass" };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      seen.push(one);
      const verdict = state.rule(one);
      if (verdict === null) return;
      if (verdict === "cut") {
        request.socket.destroy();
        return;
      }
      const answered = verdict === "pass" ? forward(target, one) : Promise.resolve(verdict);
      void answered.then((reply) => {
        response.writeHead(reply.status, { ...reply.headers });
        response.end(reply.body ?? "");
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    get rule() {
      return state.rule;
    },
    set rule(rule) {
      state.rule = rule;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes are everything but a GET. */
export function isWrite({ method }: Seen): boolean {
  return method !== "GET";
}

async function forward(target: string, seen: Seen): Promise<Reply> {
  const response = await fetch(`${target}${seen.path}`, {
    method: seen.method,
    headers: {
      ...(seen.headers.authorization === undefined
        ? {}
        : { authorization: seen.headers.authorization }),
      ...(seen.headers["content-type"] === undefined
        ? {}
        : { "content-type": seen.headers["content-type"] }),
    },
    ...(seen.body === "" ? {} : { body: seen.body }),
  });
  return {
    status: response.status,
    headers: { "content-type": response.headers.get("content-type") ?? "text/plain" },
    body: await response.text(),
  };
}
