import { afterEach, describe, expect, it } from "vitest";

import { createHttp, type HttpRequest, type HttpResult } from "../../src/drivers/http.ts";
import { startLoopbackServer } from "../support/loopback-server.ts";
import { rawServer } from "../support/raw-server.ts";

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

describe("the http port", () => {
  it("sends method, headers and body, and says who calls", async () => {
    await using server = await startLoopbackServer(() => ({
      status: 201,
      headers: { "X-One": "1" },
      body: "héllo",
    }));
    const answer = await send(`${server.url}/a?b=c`, {
      method: "PUT",
      headers: { "content-type": "text/plain" },
      body: "ü",
    });
    expect(answer).toMatchObject({ kind: "answer", status: 201, body: "héllo" });
    expect(answer.kind === "answer" ? answer.headers["x-one"] : "").toBe("1");
    expect(server.seen[0]).toMatchObject({ method: "PUT", path: "/a?b=c", body: "ü" });
    expect(server.seen[0]?.headers).toMatchObject({
      "x-canary-rollout": "shop-1",
      "x-canary-epoch": "7",
      "user-agent": "canary-rollout",
      connection: "close",
    });
  });

  it("takes any status for an answer, follows no redirect, and never tries again", async () => {
    for (const status of [302, 307, 404, 429, 500, 503]) {
      await using server = await startLoopbackServer(() => ({
        status,
        headers: { location: "/elsewhere", "retry-after": "0" },
      }));
      for (const method of ["GET", "PUT"]) {
        expect(await send(server.url, { method })).toMatchObject({ kind: "answer", status });
      }
      expect(server.seen.map(({ path }) => path)).toEqual(["/", "/"]);
    }
  });

  it("does not try again when the connection is cut", async () => {
    await using server = await startLoopbackServer(() => "cut");
    expect(await send(server.url)).toEqual({
      kind: "noAnswer",
      why: "the connection was cut before the answer was complete",
      sent: true,
    });
    expect(server.seen.length).toBe(1);
  });

  it("does not take half an answer for one", async () => {
    await using raw = await rawServer((socket) => {
      socket.once("data", () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":', () =>
          socket.resetAndDestroy(),
        ),
      );
    });
    expect(await send(raw.url)).toMatchObject({
      kind: "noAnswer",
      why: "the connection was cut before the answer was complete",
      sent: true,
    });
  });

  it("sends a body with every method, and its length along", async () => {
    await using server = await startLoopbackServer(() => ({ status: 204 }));
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      await send(server.url, { method, body: "ü" });
    await send(server.url, { method: "POST" });
    expect(server.seen.map(({ body, headers }) => [body, headers["content-length"]])).toEqual([
      ...Array.from({ length: 4 }, () => ["ü", "2"]),
      ["", "0"],
    ]);
  });

  it("joins the values of a header that comes twice", async () => {
    await using raw = await rawServer((socket) => {
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"),
      );
    });
    const answer = await send(raw.url);
    expect(answer.kind === "answer" ? answer.headers["x-a"] : "").toBe("1, 2");
  });

  it("is not fooled by an answer that is no HTTP", async () => {
    await using raw = await rawServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await send(raw.url)).toMatchObject({ kind: "noAnswer", sent: true });
  });

  it("cuts an answer that never ends, and one that is too large", async () => {
    await using slow = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const drip = setInterval(() => socket.write("1\r\nx\r\n"), 20);
      socket.on("close", () => clearInterval(drip));
    });
    expect(await send(slow.url, { timeout: 300 })).toMatchObject({
      why: "no answer within 300 ms",
      sent: true,
    });
    await using large = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", more);
      more();
    });
    expect(await send(large.url)).toMatchObject({
      kind: "noAnswer",
      why: "the answer is larger than 8388608 bytes",
    });
  });

  it("knows what cannot have happened: nothing was sent", async () => {
    const closed = await rawServer(() => undefined);
    await closed[Symbol.asyncDispose]();
    expect(await send(closed.url)).toEqual({
      kind: "noAnswer",
      why: "connection refused",
      sent: false,
    });
    expect(await send("http://no-such-host.invalid/")).toMatchObject({ sent: false });
    expect(await send("nonsense")).toMatchObject({ kind: "noAnswer", sent: false });
    await using server = await startLoopbackServer(() => ({ status: 200 }));
    expect(await send(server.url, { signal: AbortSignal.abort() })).toMatchObject({ sent: false });
    expect(await send(server.url, { headers: { "x-bad": "a\nb" } })).toMatchObject({ sent: false });
    expect(server.seen).toEqual([]);
  });

  it("lets go of a server that hangs when it is interrupted", async () => {
    await using server = await startLoopbackServer(() => null);
    const cut = new AbortController();
    const asking = send(server.url, { signal: cut.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    cut.abort();
    expect(await asking).toEqual({ kind: "noAnswer", why: "interrupted", sent: true });
  });

  it("goes through the proxy of the environment, but not for this machine itself", async () => {
    const asked: string[] = [];
    await using proxy = await rawServer((socket) => {
      socket.once("data", (head: Buffer) => {
        asked.push(head.toString("latin1").split("\r\n", 1)[0] ?? "");
        socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      });
    });
    process.env["http_proxy"] = proxy.url;
    delete process.env["NO_PROXY"];
    process.env["no_proxy"] = "other.example";
    await send("http://flags.example/x");
    expect(asked.join()).toContain("flags.example");
    await using server = await startLoopbackServer(() => ({ status: 204 }));
    expect(await send(server.url)).toMatchObject({ kind: "answer", status: 204 });
    expect(asked.length).toBe(1);
  });
});
