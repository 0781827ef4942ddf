import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { http } from "../../../src/drivers/checks/http.ts";
import type { CheckResult } from "../../../src/drivers/driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
} from "../../support/loopback-server.ts";

describe("an http check", () => {
  let server: LoopbackServer;
  let reply: Reply | null | "cut";
  beforeEach(async () => {
    reply = {
      status: 200,
      headers: { "X-Version": "v2" },
      body: '{"version":"v2","parts":[{"up":true}],"load":0.5}',
    };
    server = await startLoopbackServer(() => reply);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const ask = async (
    input: object = {},
    parts: Parameters<typeof driverContext>[0] = {},
  ): Promise<CheckResult> =>
    await http.run(
      http.input.parse({ http: `${server.url}/healthz`, ...input }),
      driverContext(parts),
    );

  it.each([
    [{}],
    [{ status: 200 }],
    [{ status: [200, 204] }],
    [
      {
        header: {
          "x-version": "v2",
          Connection: "/^close|keep/",
          "x-none": "absent",
          date: "present",
        },
      },
    ],
    [{ json: { version: "v2", "parts[0].up": true, load: 0.5, parts: [{ up: true }] } }],
    [{ json: { version: "/^v\\d$/", load: "/^0\\./" } }],
    [{ body: '/"version":"V2"/i' }],
  ])("passes with %j", async (expected) => {
    expect(await ask({ expect: expected })).toMatchObject({ kind: "pass" });
  });

  it.each([
    [{ status: 201 }, "status 200, expected 201"],
    [{ header: { "x-version": "v1" } }, "header x-version is v2, expected v1"],
    [{ header: { "x-none": "present" } }, "header x-none is absent"],
    [{ header: { "x-version": "absent" } }, "header x-version is v2, expected absent"],
    [{ json: { version: "v1" } }, 'json version is "v2", expected "v1"'],
    [{ json: { "parts[1].up": true } }, 'json parts[1].up: no "1" in "parts", a list of 1'],
    [{ json: { load: "0.5" } }, 'json load is 0.5, expected "0.5"'],
    [{ body: "ok" }, "expected ok"],
  ])("fails with %j, and says why", async (expected, words) => {
    const result = await ask({ expect: expected });
    expect(result.kind).toBe("fail");
    expect(result.detail).toContain(words);
    expect(result.body).toContain('"version":"v2"');
  });

  it("names every difference at once", async () => {
    const { detail } = await ask({ expect: { status: 204, json: { version: "v1" }, body: "x" } });
    expect(detail).toContain("status 200, expected 204; body ");
    expect(detail).toContain("json version");
  });

  it("does not follow a redirect", async () => {
    reply = { status: 302, headers: { location: `${server.url}/login` } };
    expect(await ask()).toMatchObject({ kind: "fail" });
    expect(server.seen.length).toBe(1);
  });

  it("fails on an answer that is no JSON where JSON is expected", async () => {
    reply = { status: 200, body: "<html>login</html>" };
    const result = await ask({ expect: { json: { version: "v2" } } });
    expect(result).toMatchObject({ kind: "fail" });
    expect(result.detail).toContain("the body is not JSON: <html>login</html>");
  });

  it("fails when nothing answers: that is what a health check is there to find", async () => {
    reply = "cut";
    expect((await ask()).kind).toBe("fail");
    await server[Symbol.asyncDispose]();
    const refused = await ask();
    expect(refused).toMatchObject({ kind: "fail" });
    expect(refused.detail).toContain("connection refused");
    server = await startLoopbackServer(() => reply);
  });

  it("is an error, not red, when it is interrupted or cannot be put together", async () => {
    reply = null;
    const cut = new AbortController();
    const asking = ask({}, { signal: cut.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    cut.abort();
    expect(await asking).toMatchObject({ kind: "error" });
    const bearer = await ask({ bearer: "${env:NONE}" });
    expect(bearer).toMatchObject({ kind: "error" });
    expect(bearer.detail).toContain("env:NONE has no value");
    expect(server.seen.length).toBe(1);
  });

  it("sends what it is told, and resolves references, also in what it expects", async () => {
    const result = await ask(
      {
        http: { POST: "/orders", json: { id: "${rollout.id}" } },
        header: { "X-Canary": "yes" },
        bearer: "${env:TOKEN}",
        expect: { json: { version: "${outputs.version}" } },
      },
      {
        connection: { url: server.url, header: { "x-canary": "no", "x-app": "shop" } },
        references: { "env:TOKEN": "t0ken", "rollout.id": "r1", "outputs.version": "v2" },
      },
    );
    expect(result.kind).toBe("pass");
    expect(server.seen[0]).toMatchObject({ method: "POST", path: "/orders", body: '{"id":"r1"}' });
    expect(server.seen[0]?.headers).toMatchObject({
      "x-canary": "yes",
      "x-app": "shop",
      authorization: "Bearer t0ken",
      "x-canary-rollout": "test-rollout",
    });
  });

  it("does not carry a connection's token to another host", async () => {
    await ask({}, { connection: { url: "http://127.0.0.1:1", bearer: "t0ken" } });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    [{ http: "" }, "Too small"],
    [{ http: { GET: "/x", json: {} } }, "a GET carries no body"],
    [{ http: "/x", expect: { stauts: 200 } }, "stauts"],
    [{ http: "/x", expect: { json: { "a..b": 1 } } }, "not a path"],
    [{ http: "/x", expect: { body: "/(/" } }, "does not parse"],
  ])("refuses %j", (input: object, words: string) => {
    const parsed = http.input.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});
