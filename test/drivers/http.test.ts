import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createSecure, type ServerOptions } from "node:https";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

import { afterEach, describe, expect, it } from "vitest";

import { createHttp, type HttpRequest, type HttpResult } from "../../src/drivers/http.ts";
import { startLoopbackServer, type LoopbackServer } from "../support/loopback-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

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

describe("the http port over TLS", () => {
  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

  it.skipIf(!hasOpenssl)(
    "trusts no unknown authority, but the one it is given, and signs in with a certificate",
    async () => {
      await using folder = await temporaryFolder();
      const pem = makeCertificate(folder.path);
      const people: (string | null)[] = [];
      await using server = await secureServer(
        { ...pem, ca: pem.cert, requestCert: true, rejectUnauthorized: false },
        (socket) => people.push(socket.authorized ? "known" : null),
      );
      expect(await send(server.url)).toMatchObject({
        kind: "noAnswer",
        why: expect.stringContaining("unknown authority"),
        sent: false,
      });
      expect(people).toEqual([]);
      expect(await send(server.url, { tls: { ca: pem.cert } })).toMatchObject({ status: 200 });
      const signed = { ca: pem.cert, cert: pem.cert, key: pem.key };
      expect(await send(server.url, { tls: signed })).toMatchObject({ status: 200 });
      expect(people).toEqual([null, "known"]);
      const broken = await send(server.url, { tls: { ca: pem.cert, cert: "x", key: "y" } });
      expect(broken).toMatchObject({ kind: "noAnswer" });
    },
  );
});

interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** A TCP server, for answers that no HTTP server would give. */
async function rawServer(serve: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  return await listen(server, "http", () => sockets.forEach((socket) => socket.destroy()));
}

async function secureServer(
  options: ServerOptions,
  met: (socket: TLSSocket) => void,
): Promise<Listening> {
  const server = createSecure(options, (request, response) => {
    met(request.socket as TLSSocket);
    response.end("ok");
  });
  return await listen(server, "https", () => server.closeAllConnections());
}

async function listen(server: Server, scheme: string, cut: () => void): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const whose = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...how, ...whose, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}
