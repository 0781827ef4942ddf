import { connect } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { createHttp, type HttpRequest, type HttpResult } from "../../src/drivers/http.ts";
import { startLoopbackServer, type LoopbackServer } from "../support/loopback-server.ts";
import { rawServer, type Listening } from "../support/raw-server.ts";

const http = createHttp({ rollout: "shop-1", epoch: 7 });
const PROXY = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];
const before = new Map(PROXY.map((name) => [name, process.env[name]]));

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function send(url: string, parts: Partial<HttpRequest> = {}): Promise<HttpResult> {
  return http({ url, method: "GET", signal: new AbortController().signal, ...parts });
}

describe("the http port through a proxy", () => {
  /** A server that is reached by a name which only the proxy knows. */
  async function behindProxy(
    answer: Parameters<typeof startLoopbackServer>[0],
  ): Promise<Listening & { readonly seen: LoopbackServer["seen"] }> {
    const server = await startLoopbackServer(answer);
    const { port } = new URL(server.url);
    const proxy = await rawServer((socket) => {
      socket.once("data", (head: Buffer) => {
        const target = connect(Number(port), "127.0.0.1");
        target.on("error", () => socket.destroy());
        socket.on("close", () => target.destroy());
        if (head.toString("latin1").startsWith("CONNECT "))
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        else target.write(head);
        socket.pipe(target).pipe(socket);
      });
    });
    process.env["http_proxy"] = proxy.url;
    delete process.env["no_proxy"];
    delete process.env["NO_PROXY"];
    return {
      url: "http://flags.example",
      seen: server.seen,
      async [Symbol.asyncDispose]() {
        await proxy[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  it("sends method, headers and body, says who calls, and joins what comes twice", async () => {
    await using server = await behindProxy(() => ({
      status: 201,
      headers: { "X-One": "1" },
      body: "héllo",
    }));
    const answer = await send(`${server.url}/a?b=c`, { method: "DELETE", body: "ü" });
    expect(answer).toMatchObject({ kind: "answer", status: 201, body: "héllo" });
    expect(answer.kind === "answer" ? answer.headers["x-one"] : "").toBe("1");
    expect(server.seen[0]).toMatchObject({ method: "DELETE", body: "ü" });
    expect(server.seen[0]?.headers).toMatchObject({
      host: "flags.example",
      "x-canary-rollout": "shop-1",
      "user-agent": "canary-rollout",
    });
  });

  it("takes any status for an answer, and never tries again", async () => {
    for (const status of [302, 429, 503]) {
      await using server = await behindProxy(() => ({
        status,
        headers: { location: "/elsewhere", "retry-after": "0" },
      }));
      expect(await send(server.url, { method: "PUT" })).toMatchObject({ kind: "answer", status });
      expect(server.seen.length).toBe(1);
    }
  });

  it("says sent of what may have arrived, and lets go when it is interrupted", async () => {
    await using cutting = await behindProxy(() => "cut");
    expect(await send(cutting.url)).toMatchObject({ kind: "noAnswer", sent: true });
    await using silent = await behindProxy(() => null);
    const cut = new AbortController();
    const asking = send(silent.url, { signal: cut.signal });
    await expect.poll(() => silent.seen.length).toBe(1);
    cut.abort();
    expect(await asking).toEqual({ kind: "noAnswer", why: "interrupted", sent: true });
    process.env["http_proxy"] = "http://127.0.0.1:1";
    expect(await send(silent.url)).toMatchObject({ kind: "noAnswer", sent: false });
  });
});
