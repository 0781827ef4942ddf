import { expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import type { Millis } from "../../../src/core/units.ts";
import { openmetricsQuery } from "../../../src/drivers/metrics/openmetrics-query.ts";
import { openmetricsConfig, openmetricsDriver } from "../../../src/drivers/metrics/openmetrics.ts";
import { driverContext } from "../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
} from "../../support/loopback-server.ts";
import { ask, eventually, sandboxForTest } from "../../support/sandbox-client.ts";

interface Endpoint {
  readonly server: LoopbackServer;
  /** What the endpoint answers from now on. */
  show(body: string | Reply | null): void;
  /** Moves the clock on and asks. */
  after(ms: Millis, query: object, window?: Millis): Promise<Sample>;
  now(): number;
}

/** An endpoint whose answers the test sets, and a source on a clock that the test moves. */
async function endpointForTest(body: string): Promise<Endpoint> {
  let shown: string | Reply | null = body;
  let now = Date.UTC(2026, 0, 5);
  const server = await startLoopbackServer(() =>
    typeof shown === "string" ? { status: 200, body: shown } : shown,
  );
  onTestFinished(() => server[Symbol.asyncDispose]());
  const source = openmetricsDriver.open(openmetricsConfig.parse({ url: server.url }));
  return {
    server,
    show: (next) => void (shown = next),
    now: () => now,
    after(ms, query, window = 10_000) {
      now += ms;
      const context = { ...driverContext(), now: () => now };
      return source.sample(openmetricsQuery.parse(query), window, context);
    },
  };
}

const RATE = { rate: "req_total" };
const SHARE = { bad: 'req_total{code=~"5.."}', total: "req_total" };

test("a rate needs a covered window, and is growth by the time between its scrapes", async () => {
  const endpoint = await endpointForTest("req_total 100");
  expect(await endpoint.after(0, RATE)).toEqual({
    kind: "noData",
    why: "the window is not covered yet: 0 s of 10 s seen",
  });
  endpoint.show("req_total 150");
  expect((await endpoint.after(6000, RATE)).kind).toBe("noData");
  endpoint.show("req_total 190");
  // 12 s after the first scrape, the window of 10 s begins after it: 40 in the 6 s between the last two.
  const sample = await endpoint.after(6000, RATE);
  expect(sample).toEqual({
    kind: "value",
    value: 40 / 6,
    samples: null,
    observedAt: endpoint.now(),
  });
  // Another metric of the same counters shares their history.
  expect(await endpoint.after(0, { increase: "req_total" })).toMatchObject({ value: 40 });
});

test("a reset counts what was counted since, never a negative growth", async () => {
  const endpoint = await endpointForTest("req_total 1000");
  await endpoint.after(0, { increase: "req_total" });
  for (const value of [1010, 4, 9, 2]) {
    endpoint.show(`req_total ${value}`);
    await endpoint.after(5000, { increase: "req_total" }, 20_000);
  }
  const sample = await endpoint.after(0, { increase: "req_total" }, 20_000);
  expect(sample).toMatchObject({ kind: "value", value: 10 + 4 + 5 + 2 });
});

test("a series that appears later counts from zero, one that comes back goes on", async () => {
  const endpoint = await endpointForTest('req_total{code="200"} 500');
  const query = { increase: "req_total" };
  await endpoint.after(0, query);
  endpoint.show('req_total{code="200"} 500\nreq_total{code="500"} 3');
  await endpoint.after(5000, query);
  endpoint.show('req_total{code="200"} 500');
  await endpoint.after(5000, query);
  endpoint.show('req_total{code="200"} 500\nreq_total{code="500"} 4');
  expect(await endpoint.after(0, query)).toMatchObject({ kind: "value", value: 4 });
});

test("a series that stands there twice counts once where both agree, and else not at all", async () => {
  const endpoint = await endpointForTest("req_total 100\nreq_total 100");
  const query = { increase: "req_total" };
  await endpoint.after(0, query);
  endpoint.show("req_total 107\nreq_total 107");
  expect(await endpoint.after(10_000, query)).toMatchObject({ kind: "value", value: 7 });
  endpoint.show("req_total 110\nreq_total 5");
  expect(await endpoint.after(5000, query)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("twice with the same labels") as string,
  });
  endpoint.show("req_total 112");
  expect(await endpoint.after(5000, query)).toMatchObject({ kind: "value", value: 5 });
});

test("a share counts its total; absent errors are none, no growth is inconclusive", async () => {
  const endpoint = await endpointForTest('req_total{code="200"} 100');
  await endpoint.after(0, SHARE);
  endpoint.show('req_total{code="200"} 190');
  expect(await endpoint.after(10_000, SHARE)).toMatchObject({ value: 0, samples: 90 });
  endpoint.show('req_total{code="200"} 190\nreq_total{code="503"} 10');
  expect(await endpoint.after(10_000, SHARE)).toMatchObject({ value: 1, samples: 10 });
  expect(await endpoint.after(10_000, SHARE)).toMatchObject({ kind: "inconclusive" });
  expect(await endpoint.after(10_000, { good: "other_total", total: "none_total" })).toMatchObject({
    kind: "noData",
    why: "no series of none_total match",
  });
});

function histogram(counts: readonly number[], labels = ""): string {
  const bounds = ["0.1", "0.5", "1.0", "+Inf"];
  return bounds.map((le, index) => `h_bucket{${labels}le="${le}"} ${counts[index]}`).join("\n");
}

test("a quantile is of the observations in the window, over all matching series", async () => {
  const query = { histogram: 'h{v="c"}', quantile: 0.5 };
  const endpoint = await endpointForTest(histogram([1000, 1000, 1000, 1000], 'v="c",'));
  await endpoint.after(0, query);
  endpoint.show(
    [
      histogram([1000, 1010, 1010, 1010], 'v="c",'),
      histogram([0, 10, 10, 10], 'v="c",pod="2",'),
      histogram([900, 900, 900, 900], 'v="s",'),
    ].join("\n"),
  );
  expect(await endpoint.after(10_000, query)).toMatchObject({
    value: expect.closeTo(0.3, 12),
    samples: 20,
  });
  expect(await endpoint.after(10_000, query)).toMatchObject({
    kind: "inconclusive",
    why: "the histogram has no observations in this window",
  });
});

test.each([
  ['h_bucket{le="1"} 1', "noData", "not covered"],
  ["other 1", "noData", "no series of h_bucket"],
])("a histogram with %j is %s", async (body, kind, why) => {
  const endpoint = await endpointForTest(body);
  expect(await endpoint.after(0, { histogram: "h", quantile: 0.9 })).toMatchObject({
    kind,
    why: expect.stringContaining(why),
  });
});

test("a histogram without its last bucket, or with an odd bound, is an error", async () => {
  for (const body of ['h_bucket{le="1"} 1', 'h_bucket{le="x"} 1', "h_bucket 1"]) {
    const endpoint = await endpointForTest(body);
    const query = { histogram: "h", quantile: 0.9 };
    await endpoint.after(0, query);
    expect((await endpoint.after(5000, query, 5000)).kind).toBe("error");
  }
});

test("gauges: one series, several, reduced, per another", async () => {
  const endpoint = await endpointForTest(
    'active{pod="a"} 3\nactive{pod="b"} 5\nsize{pod="a"} 10\nsize{pod="b"} 10\nnone 0\nbad NaN\ninf +Inf',
  );
  const gauge = (query: object): Promise<Sample> => endpoint.after(1000, query, 0);
  expect(await gauge({ gauge: 'active{pod="a"}' })).toEqual({
    kind: "value",
    value: 3,
    samples: null,
    observedAt: endpoint.now(),
  });
  expect(await gauge({ gauge: "active" })).toMatchObject({
    kind: "error",
    why: 'active gave 2 series that differ in pod ("a", "b"): narrow the labels, or state `reduce: max` or the like',
  });
  const reduced = { max: 5, min: 3, sum: 8, avg: 4 };
  for (const [reduce, value] of Object.entries(reduced))
    expect(await gauge({ gauge: "active", reduce })).toMatchObject({ value });
  expect(await gauge({ gauge: "active", per: "size", reduce: "sum" })).toMatchObject({
    value: 0.4,
  });
  expect(await gauge({ gauge: 'active{pod="a"}', per: "none" })).toMatchObject({ kind: "error" });
  expect(await gauge({ gauge: "none", per: "none" })).toMatchObject({ kind: "noData" });
  expect(await gauge({ gauge: "missing", reduce: "max" })).toMatchObject({ kind: "noData" });
  expect(await gauge({ gauge: "bad" })).toMatchObject({ kind: "noData" });
  expect(await gauge({ gauge: "inf" })).toMatchObject({ kind: "error" });
});

test("a counter that is NaN is no data, a negative one an error, and both heal", async () => {
  const endpoint = await endpointForTest("req_total 10");
  await endpoint.after(0, RATE);
  endpoint.show("req_total NaN");
  expect(await endpoint.after(5000, RATE)).toMatchObject({ kind: "noData" });
  endpoint.show("req_total -1");
  expect(await endpoint.after(5000, RATE)).toMatchObject({ kind: "error" });
  endpoint.show("req_total 40");
  await endpoint.after(5000, RATE);
  endpoint.show("req_total 50");
  expect(await endpoint.after(5000, RATE, 5000)).toMatchObject({ kind: "value", value: 2 });
});

test("values with their own time are observed then, and never in the future", async () => {
  const endpoint = await endpointForTest("");
  const at = endpoint.now() - 42_000;
  endpoint.show(`pool 3 ${at}`);
  expect(await endpoint.after(0, { gauge: "pool" })).toMatchObject({ observedAt: at });
  endpoint.show(`req_total 3 ${at}`);
  await endpoint.after(0, RATE);
  expect(await endpoint.after(10_000, RATE)).toMatchObject({ value: 0, observedAt: at });
  endpoint.show(`pool 3 ${endpoint.now() + 3_600_000}`);
  expect(await endpoint.after(0, { gauge: "pool" })).toMatchObject({
    kind: "error",
    why: "the samples carry a time 3600 s in the future",
  });
});

test.each([
  ["nothing", "", "answered 200 with nothing"],
  ["a page", "<html>sign in", "answered no metrics: line 1 is not a metric"],
  ["an error inside", '{"error":"down"}', "answered no metrics"],
  ["500", { status: 500, body: "oops" }, "answered 500: oops"],
  [
    "cut OpenMetrics",
    {
      status: 200,
      body: "pool 1\n",
      headers: { "content-type": "application/openmetrics-text; version=1.0.0" },
    },
    "cut off",
  ],
])("an endpoint that answers %s is an error", async (_, reply, why) => {
  const endpoint = await endpointForTest("pool 1");
  await endpoint.after(0, { gauge: "pool" });
  endpoint.show(reply);
  const sample = await endpoint.after(7000, { gauge: "pool" });
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining(why) });
  expect(sample).toHaveProperty("why", expect.stringContaining("it last answered 7 s ago"));
});

test("metrics of one tick share a scrape; one that is cut does not cut the others", async () => {
  const { server } = await endpointForTest("pool 1");
  const source = openmetricsDriver.open({ url: server.url });
  const both = [driverContext(), driverContext()].map((context) =>
    source.sample({ gauge: "pool" }, 0, context),
  );
  expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(["value", "value"]);
  expect(server.seen).toHaveLength(1);

  const first = new AbortController();
  const slow = await startLoopbackServer((seen) =>
    seen.path === "/" && slow.seen.length === 1 ? null : { status: 200, body: "pool 2" },
  );
  onTestFinished(() => slow[Symbol.asyncDispose]());
  const other = openmetricsDriver.open({ url: slow.url });
  const cut = other.sample({ gauge: "pool" }, 0, driverContext({ signal: first.signal }));
  const waiting = other.sample({ gauge: "pool" }, 0, driverContext());
  await expect.poll(() => slow.seen.length).toBe(1);
  first.abort();
  expect((await cut).kind).toBe("error");
  expect(await waiting).toMatchObject({ kind: "value", value: 2 });
});

test("scrapes that fail leave a gap that is not filled with zeros", async () => {
  const endpoint = await endpointForTest("req_total 0");
  await endpoint.after(0, RATE);
  endpoint.show({ status: 503 });
  for (let tick = 0; tick < 3; tick += 1)
    expect((await endpoint.after(5000, RATE)).kind).toBe("error");
  endpoint.show("req_total 60");
  expect(await endpoint.after(5000, RATE)).toEqual({
    kind: "noData",
    why: "there are no two scrapes within 10 s",
  });
  endpoint.show("req_total 80");
  expect(await endpoint.after(5000, RATE)).toMatchObject({ kind: "value", value: 4 });
});

test.each([
  [{}, "state a `gauge`"],
  [{ rate: "a", gauge: "b" }, "two metrics"],
  [{ rate: "a", total: "b" }, "leave out"],
  [{ histogram: "a" }, "needs a `quantile`"],
  [{ rate: "a", quantile: 0.5 }, "goes with `histogram`"],
  [{ rate: "a", per: "b" }, "goes with `gauge`"],
  [{ bad: "a", total: "b", reduce: "max" }, "goes with `gauge`"],
  [{ bad: "a" }, "needs the `total`"],
])("the keys %j are refused", (query, message) => {
  expect(openmetricsQuery.safeParse(query).error?.issues[0]?.message).toContain(message);
});

test("lint, unit and window", () => {
  expect(openmetricsDriver.lint({ bad: "sum(x)", total: 'x{a="b"' })).toEqual([
    { key: "bad", offset: 3, message: expect.stringContaining("no PromQL") },
    { key: "total", offset: 1, message: expect.stringContaining("not closed") },
  ]);
  expect(openmetricsDriver.lint(SHARE)).toEqual([]);
  expect(openmetricsDriver.unit(SHARE)).toBe("ratio");
  expect(openmetricsDriver.unit({ increase: "x" })).toBe("count");
  expect(openmetricsDriver.unit(RATE)).toBeNull();
  expect(openmetricsDriver.window({ gauge: "x" })).toBe(0);
  expect(openmetricsDriver.window(RATE)).toBeNull();
});

function valueOf(sample: Sample): number {
  return sample.kind === "value" ? Number(sample.value) : Number.NaN;
}

test("reads the sandbox: healthy, error spike, latency, stale, gone", async () => {
  const sandbox = await sandboxForTest();
  const { url } = sandbox;
  await ask(`${url}/router`, "PUT", { canary: 50 });
  const source = openmetricsDriver.open({ url: `${url}/metrics` });
  const canary = 'http_requests_total{version="canary"';
  const errors = { bad: `${canary},status=~"5.."}`, total: `${canary}}` };
  const p95 = { histogram: 'http_request_duration_seconds{version="canary"}', quantile: 0.95 };
  const read = (query: object): Promise<Sample> =>
    source.sample(openmetricsQuery.parse(query), 1000, driverContext());
  expect(
    valueOf(
      await eventually(
        () => read(errors),
        ({ kind }) => kind === "value",
      ),
    ),
  ).toBe(0);
  expect(
    valueOf(
      await eventually(
        () => read(p95),
        ({ kind }) => kind === "value",
      ),
    ),
  ).toBeLessThan(0.3);
  await ask(`${url}/knobs`, "POST", { canary: { errorRate: 0.5, latencyMs: 600 } });
  await eventually(
    () => read(errors),
    (sample) => valueOf(sample) > 0.25,
  );
  await eventually(
    () => read(p95),
    (sample) => valueOf(sample) > 0.5,
  );
  expect(await read({ gauge: "db_pool_active", per: "db_pool_size" })).toMatchObject({
    kind: "value",
  });
  await ask(`${url}/knobs`, "POST", { staleMetrics: true });
  const since = Date.now();
  const stale = await eventually(
    () => read(errors),
    (sample) => sample.kind === "stale",
  );
  expect(stale).toMatchObject({ why: expect.stringContaining("the samples carry a time") });
  const pool = await read({ gauge: "db_pool_size" });
  expect(pool.kind === "value" && (pool.observedAt ?? Infinity) <= since).toBe(true);
  for (const knobs of [
    { lieMetrics: "error" },
    { lieMetrics: "garbage" },
    { lieMetrics: "empty" },
  ]) {
    await ask(`${url}/knobs`, "DELETE");
    await ask(`${url}/knobs`, "POST", knobs);
    expect((await read(errors)).kind).toBe("error");
  }
  await ask(`${url}/knobs`, "POST", { lieMetrics: "nan" });
  expect((await read(errors)).kind).toBe("noData");
  await ask(`${url}/knobs`, "POST", { lieMetrics: false, hangMetrics: true });
  const signal = AbortSignal.timeout(300);
  const hanging = source.sample(openmetricsQuery.parse(errors), 1000, driverContext({ signal }));
  expect(await hanging).toMatchObject({ kind: "error" });
  await sandbox.close();
  expect(await read(errors)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
});
