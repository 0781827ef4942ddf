import { expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import {
  httpJsonConfig,
  httpJsonDriver,
  httpJsonQuery,
} from "../../../src/drivers/metrics/http-json.ts";
import { driverContext } from "../../support/driver-context.ts";
import { startLoopbackServer, type Reply } from "../../support/loopback-server.ts";
import { ask, sandboxForTest } from "../../support/sandbox-client.ts";

async function answering(
  reply: Reply | null | "cut",
  query: object = { value: "p95" },
  config: object = {},
): Promise<Sample> {
  const server = await startLoopbackServer(() => reply);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const source = httpJsonDriver.open(httpJsonConfig.parse({ url: server.url, ...config }));
  return source.sample(httpJsonQuery.parse(query), 0, driverContext());
}

function body(json: unknown): Reply {
  return { status: 200, body: JSON.stringify(json) };
}

test.each([
  [{ p95: 0.2 }, 0.2],
  [{ p95: "1.5e-3" }, 0.0015],
  [{ p95: true }, true],
  [{ p95: 0 }, 0],
])("%j gives the value %s", async (json, value) => {
  expect(await answering(body(json))).toEqual({
    kind: "value",
    value,
    samples: null,
    observedAt: null,
  });
});

test.each([
  [{ p95: null }, "noData", "p95 is null"],
  [{ p95: "" }, "noData", "p95 is empty"],
  [{ p95: "NaN" }, "noData", "p95 is NaN"],
  [{ p95: "Infinity" }, "error", "divides by zero"],
  [{ p95: "fast" }, "error", "p95 is fast: that is not a number"],
  [{ p95: [1, 2] }, "error", "p95 is a list of 2"],
  [{ p95: {} }, "error", "p95 is an object"],
  [{ p99: 1 }, "error", 'no "p95" in the document, which has p99'],
  [{ error: "backend is down" }, "error", 'no "p95"'],
])("%j is %s", async (json, kind, why) => {
  const sample = await answering(body(json));
  expect(sample.kind).toBe(kind);
  expect(sample).toHaveProperty("why", expect.stringContaining(why));
});

test("an empty list on the way is no data, an element that is not there is an error", async () => {
  const query = { value: "series[0].value" };
  expect((await answering(body({ series: [] }), query)).kind).toBe("noData");
  expect((await answering(body({ series: [{}] }), query)).kind).toBe("error");
});

test("time and samples come from their paths", async () => {
  const query = { value: "v", time: "at", samples: "n" };
  const sample = await answering(body({ v: 1, at: "2026-01-05T10:00:00.250Z", n: 12 }), query);
  expect(sample).toEqual({
    kind: "value",
    value: 1,
    samples: 12,
    observedAt: Date.UTC(2026, 0, 5, 10, 0, 0, 250),
  });
  const unix = await answering(body({ v: 1, at: 1_700_000_000.5, n: 0 }), query);
  expect(unix).toMatchObject({ observedAt: 1_700_000_000_500, samples: 0 });
});

test.each([
  [{ v: 1, at: "yesterday", n: 1 }, "error", 'at is "yesterday": that is not a time'],
  [{ v: 1, at: Date.now() + 3_600_000, n: 1 }, "error", "in the future"],
  [{ v: 1, at: null, n: 1 }, "noData", "at is null"],
  [{ v: 1, n: 1 }, "error", 'no "at"'],
  [{ v: 1, at: 1_700_000_000, n: -1 }, "error", "not a number of samples"],
  [{ v: 1, at: 1_700_000_000, n: null }, "noData", "n is null"],
])("with paths, %j is %s", async (json, kind, why) => {
  const sample = await answering(body(json), { value: "v", time: "at", samples: "n" });
  expect(sample).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test.each([
  [{ status: 204 }, "noData", "204"],
  [{ status: 200, body: "" }, "error", "nothing in it"],
  [{ status: 200, body: "<html>sign in</html>" }, "error", "did not answer JSON: <html>"],
  [{ status: 302, headers: { location: "/login" } }, "error", "redirects are not followed"],
  [{ status: 401 }, "error", "credentials"],
  [{ status: 503, body: "no\n backend" }, "error", "answered 503: no backend"],
])("the reply %j is %s", async (reply, kind, why) => {
  expect(await answering(reply)).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test("a cut connection and a refused one are errors", async () => {
  expect((await answering("cut")).kind).toBe("error");
  const server = await startLoopbackServer(() => body({ p95: 1 }));
  const source = httpJsonDriver.open({ url: server.url });
  await server[Symbol.asyncDispose]();
  const sample = await source.sample({ value: "p95" }, 0, driverContext());
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("refused") });
});

test("a source that hangs is cut by the signal", async () => {
  const server = await startLoopbackServer(() => null);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const bound = new AbortController();
  const asked = httpJsonDriver
    .open({ url: server.url })
    .sample({ value: "p95" }, 0, driverContext({ signal: bound.signal }));
  await expect.poll(() => server.seen.length).toBe(1);
  bound.abort();
  expect(await asked).toMatchObject({ kind: "error", why: expect.stringContaining("interrupted") });
});

test("an answer larger than the cap is an error, not a full memory", async () => {
  const sample = await answering({ status: 200, body: `{"p95":1,"x":"${"x".repeat(9_000_000)}"}` });
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("larger than") });
});

test("credentials are sent, and never told", async () => {
  const server = await startLoopbackServer(() => ({ status: 401, body: "no" }));
  onTestFinished(() => server[Symbol.asyncDispose]());
  const config = { url: server.url, bearer: "s3cret", header: { "X-Tenant": "t1" } };
  const sample = await httpJsonDriver.open(config).sample({ value: "p95" }, 0, driverContext());
  expect(server.seen[0]?.headers).toMatchObject({
    authorization: "Bearer s3cret",
    "x-tenant": "t1",
  });
  expect(JSON.stringify(sample)).not.toContain("s3cret");
  const inAddress = { url: server.url.replace("//", "//me:s3cret@") };
  const refused = await httpJsonDriver.open(inAddress).sample({ value: "p95" }, 0, driverContext());
  expect(refused).toMatchObject({ kind: "error", why: expect.stringContaining("basic") });
  expect(JSON.stringify(refused)).not.toContain("s3cret");
  const basic = { url: server.url, basic: { user: "me", password: "s3cret" } };
  await httpJsonDriver.open(basic).sample({ value: "p95" }, 0, driverContext());
  expect(server.seen.at(-1)?.headers.authorization).toBe("Basic bWU6czNjcmV0");
});

test.each(["", "not an address", "ftp://h/x"])("the address %j is an error", async (url) => {
  const sample = await httpJsonDriver.open({ url }).sample({ value: "p95" }, 0, driverContext());
  expect(sample.kind).toBe("error");
});

test("reads the sandbox, healthy, silent and hanging", async () => {
  const { url } = await sandboxForTest();
  await ask(`${url}/router`, "PUT", { canary: 50 });
  const source = httpJsonDriver.open({ url: `${url}/metrics.json?window=2` });
  const query = { value: "canary.error_rate", time: "timestamp", samples: "canary.requests" };
  const read = (): Promise<Sample> => source.sample(query, 0, driverContext());
  await expect.poll(async () => (await read()).kind).toBe("value");
  await ask(`${url}/knobs`, "POST", { canary: { errorRate: 1 } });
  await expect
    .poll(async () => (await read()) as object, { timeout: 10_000 })
    .toMatchObject({ value: 1 });
  await ask(`${url}/knobs`, "POST", { load: 0 });
  await expect.poll(async () => (await read()).kind, { timeout: 10_000 }).toBe("noData");
  for (const knobs of [
    { lieMetrics: "error" },
    { lieMetrics: "garbage" },
    { metricsStatus: 503 },
  ]) {
    await ask(`${url}/knobs`, "DELETE");
    await ask(`${url}/knobs`, "POST", knobs);
    expect((await read()).kind).toBe("error");
  }
});
