import { expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import {
  prometheusConfig,
  prometheusDriver,
  prometheusQuery,
} from "../../../src/drivers/metrics/prometheus.ts";
import { driverContext } from "../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
} from "../../support/loopback-server.ts";

const NOW = 1_700_000_000;

function vector(...series: Array<[labels: object, value: string]>): object {
  const result = series.map(([metric, value]) => ({ metric, value: [NOW, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

/** Times of the newest samples by place of the selector, as the freshness query gets them. */
function times(...ages: Array<number | null>): object {
  return vector(
    ...ages.flatMap((age, index): Array<[object, string]> =>
      age === null ? [] : [[{ canary_selector: String(index) }, String(NOW - age)]],
    ),
  );
}

type Answers = (query: string, form: URLSearchParams) => object | Reply | null;

async function fake(answers: Answers): Promise<LoopbackServer> {
  const server = await startLoopbackServer((seen) => {
    const form = new URLSearchParams(seen.body);
    const answer = answers(form.get("query") ?? "", form);
    if (answer === null) return null;
    return "status" in answer && typeof answer.status === "number"
      ? answer
      : { status: 200, body: JSON.stringify(answer) };
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function sampleOf(
  query: object,
  answers: Answers,
  config: object = {},
  window = 0,
): Promise<Sample> {
  const server = await fake(answers);
  const source = prometheusDriver.open(prometheusConfig.parse({ url: server.url, ...config }));
  return source.sample(prometheusQuery.parse(query), window, driverContext());
}

const P95 = { query: "histogram_quantile(0.95, sum by (le) (rate(h_bucket[5m])))" };
const SHARE = {
  bad: 'sum(increase(req{code="500"}[5m]))',
  total: "sum(increase(req[5m]))",
};

function answering(value: object, freshness: object = times(2)): Answers {
  return (query) => (query.includes("timestamp(") ? freshness : value);
}

test("one series is the value, observed when its newest sample was written", async () => {
  const before = Date.now();
  const sample = await sampleOf(P95, answering(vector([{}, "0.125"]), times(7)));
  expect(sample).toMatchObject({ kind: "value", value: 0.125, samples: null });
  const observedAt = sample.kind === "value" ? sample.observedAt : null;
  expect(observedAt).toBeGreaterThanOrEqual(before - 7000);
  expect(observedAt).toBeLessThanOrEqual(Date.now() - 7000);
});

test("a scalar is a value, and needs no freshness when it reads no series", async () => {
  const scalar = { status: "success", data: { resultType: "scalar", result: [NOW, "42"] } };
  const sample = await sampleOf({ query: "42" }, () => scalar);
  expect(sample).toEqual({ kind: "value", value: 42, samples: null, observedAt: null });
});

test.each([
  ["an empty vector", vector(), "noData", "no series"],
  ["NaN", vector([{}, "NaN"]), "noData", "NaN"],
  ["+Inf", vector([{}, "+Inf"]), "error", "+Inf: it divides by zero"],
  ["-Inf", vector([{}, "-Inf"]), "error", "-Inf"],
  ["garbage for a number", vector([{}, "fast"]), "noData", "NaN"],
  [
    "two series",
    vector([{ pod: "a", job: "x" }, "1"], [{ pod: "b", job: "x" }, "2"]),
    "error",
    'gave 2 series that differ in pod ("a", "b"): aggregate',
  ],
  [
    "a label that one of two has",
    vector([{}, "1"], [{ pod: "b" }, "2"]),
    "error",
    'differ in pod ("", "b")',
  ],
  [
    "a native histogram",
    {
      status: "success",
      data: { resultType: "vector", result: [{ metric: {}, histogram: [NOW, { count: "3" }] }] },
    },
    "error",
    "native histogram",
  ],
  [
    "a range",
    { status: "success", data: { resultType: "matrix", result: [] } },
    "error",
    "gives a matrix",
  ],
  [
    "a string",
    { status: "success", data: { resultType: "string", result: [NOW, "x"] } },
    "error",
    "gives a string",
  ],
  [
    "an error inside a 200",
    { status: "error", errorType: "execution", error: "many-to-many matching" },
    "error",
    "many-to-many matching",
  ],
  [
    "warnings",
    { ...vector([{}, "0"]), warnings: ["store b did not answer"] },
    "error",
    "store b did not answer",
  ],
  ["a partial answer", { ...vector([{}, "0"]), isPartial: true }, "error", "partial"],
  ["success without data", { status: "success" }, "error", "gives a nothing"],
  ["other JSON", { ok: true }, "error", "no answer of a prometheus"],
  ["a page", { status: 200, body: "<html>sign in" }, "error", "<html>sign in"],
  ["nothing", { status: 200, body: "" }, "error", "the body is empty"],
  ["401", { status: 401, body: "Unauthorized" }, "error", "credentials"],
  ["a redirect", { status: 302 }, "error", "redirects"],
  [
    "a parse error",
    {
      status: 400,
      body: JSON.stringify({ status: "error", errorType: "bad_data", error: "1:5: parse error" }),
    },
    "error",
    "400: 1:5: parse error",
  ],
  [
    "success with status 503",
    { status: 503, body: JSON.stringify(vector([{}, "0"])) },
    "error",
    "503",
  ],
])("%s is %s", async (_, value, kind, why) => {
  expect(await sampleOf(P95, answering(value))).toMatchObject({
    kind,
    why: expect.stringContaining(why),
  });
});

test("infos are no warnings", async () => {
  const infos = { ...vector([{}, "1"]), infos: ["metric might not be a counter"] };
  expect(await sampleOf(P95, answering(infos))).toMatchObject({ kind: "value" });
});

test("a share has the ratio and counts its total", async () => {
  const asked: Array<[string, string | null]> = [];
  const sample = await sampleOf(SHARE, (query, form) => {
    asked.push([query, form.get("time")]);
    if (query.includes("timestamp(")) return times(1);
    return query.includes("500") ? vector([{}, "3"]) : vector([{}, "200.4"]);
  });
  expect(sample).toMatchObject({ kind: "value", value: 3 / 200.4, samples: 200 });
  // The total fixes the time, by the server's clock; the rest is asked as of then.
  expect(asked[0]).toEqual([SHARE.total, null]);
  expect(asked.slice(1).map(([, time]) => time)).toEqual([String(NOW), String(NOW)]);
});

/** A total of 2, none of it bad. */
function twoOf(total: string): Promise<Sample> {
  return sampleOf({ bad: "sum(b)", total }, (query) =>
    query.includes("timestamp(") ? times(1) : vector([{}, query === "sum(b)" ? "0" : "2"]),
  );
}

test("rates are counted with their range, and what cannot be counted is not", async () => {
  expect(await twoOf("sum(rate(req[5m]))")).toMatchObject({ samples: 600 });
  expect(await twoOf("sum(rate(req[5m])) or vector(0)")).toMatchObject({ samples: 600 });
  expect(await twoOf("60 * sum(rate(req[5m]))")).toMatchObject({ kind: "value", samples: null });
});

test.each([
  [
    "bad absent beside a total",
    vector(),
    vector([{}, "10"]),
    { kind: "value", value: 0, samples: 10 },
  ],
  ["a total of 0", vector([{}, "0"]), vector([{}, "0"]), { kind: "inconclusive" }],
  ["no total", vector([{}, "0"]), vector(), { kind: "noData" }],
  ["bad that is NaN", vector([{}, "NaN"]), vector([{}, "10"]), { kind: "noData" }],
  ["bad of nothing", vector([{}, "3"]), vector([{}, "0"]), { kind: "error" }],
  ["more bad than total", vector([{}, "12"]), vector([{}, "10"]), { kind: "value", value: 1.2 }],
  ["a negative total", vector([{}, "1"]), vector([{}, "-10"]), { kind: "error" }],
  ["an error of bad alone", { status: 503 }, vector([{}, "10"]), { kind: "error" }],
])("%s", async (_, bad, total, expected) => {
  const sample = await sampleOf(SHARE, (query) =>
    query.includes("timestamp(") ? times(1) : query.includes("500") ? bad : total,
  );
  expect(sample).toMatchObject(expected);
});

test("more good than total is an error, because it could only pass", async () => {
  const query = { good: "sum(ok)", total: "sum(req)" };
  const sample = await sampleOf(query, (asked) =>
    asked.includes("timestamp(") ? times(1) : vector([{}, asked === "sum(ok)" ? "12" : "10"]),
  );
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("12 of 10") });
});

test("samples of a plain query are counted by their own query", async () => {
  const query = { ...P95, samples: "sum(increase(h_count[5m]))" };
  const sample = await sampleOf(query, (asked) =>
    asked.includes("timestamp(") ? times(1) : vector([{}, asked.includes("count") ? "33.3" : "1"]),
  );
  expect(sample).toMatchObject({ kind: "value", value: 1, samples: 33 });
});

test("a range that still answers after its target died is stale", async () => {
  const sample = await sampleOf(P95, (query) => {
    if (query.includes("max_over_time(timestamp(h_bucket)[300s:5s])")) return times(42);
    return query.includes("timestamp(") ? times(null) : vector([{}, "0.1"]);
  });
  expect(sample).toMatchObject({ kind: "stale", age: 42_000 });
  expect(sample).toHaveProperty("why", expect.stringContaining("h_bucket ended 42 s ago"));
});

test("a selector that never had series is not held against the rest", async () => {
  const query = { query: "sum(increase(money_errors[5m])) or 0 * sum(up)" };
  const sample = await sampleOf(query, (asked) => {
    if (asked.includes("max_over_time")) return vector();
    return asked.includes("timestamp(") ? times(null, 3) : vector([{}, "0"]);
  });
  expect(sample).toMatchObject({ kind: "value", value: 0, samples: null });
});

test.each(["sum(increase(money_errors[5m])) or vector(0)", "queue or on() vector(0)"])(
  "a constant where no series is at all is no data: %s",
  async (query) => {
    const answers: Answers = (asked) =>
      asked.includes("timestamp(") ? vector() : vector([{}, "0"]);
    expect(await sampleOf({ query }, answers)).toMatchObject({
      kind: "noData",
      why: expect.stringContaining("only a constant answers"),
    });
    expect(await sampleOf({ query: `absent(${query})` }, answers)).toMatchObject({ kind: "value" });
  },
);

test.each([
  ["both", { part: "3", total: "60" }, { events: 3, total: 60 }],
  ["no event", { total: "60" }, { events: 0, total: 60 }],
  ["no total", { part: "3" }, undefined],
  ["what is no number", { part: "3", total: "NaN" }, undefined],
])("what was seen is asked with the times of the samples: %s", async (_, beside, seen) => {
  const asked: string[] = [];
  const sample = await sampleOf(SHARE, (query) => {
    asked.push(query);
    if (!query.includes("timestamp(")) return vector([{}, query.includes("500") ? "3" : "90"]);
    const others = Object.entries(beside).map(([name, value]): [object, string] => [
      { canary_beside: name },
      value,
    ]);
    return vector([{ canary_selector: "0" }, String(NOW)], ...others);
  });
  expect(sample).toMatchObject({ kind: "value", samples: 90 });
  expect(sample.kind === "value" && sample.seen).toEqual(seen);
  expect(asked).toHaveLength(3);
});

test("narrower selectors of the same metric do not count as dead, other ones do", async () => {
  const asked: string[] = [];
  const query = {
    query:
      'sum(rate(r{v="c",code="500"}[1m])) / sum(rate(r{v="c"}[1m])) / sum(rate(r{v="s"}[1m] offset 1h))',
  };
  await sampleOf(query, (text) => {
    asked.push(text);
    return text.includes("timestamp(") ? times(1) : vector([{}, "1"]);
  });
  expect(asked.find((text) => text.includes("timestamp("))).toBe(
    'label_replace(max(timestamp(r{v="c"})), "canary_selector", "0", "", "")',
  );
});

test("freshness that cannot be told is an error, not a value", async () => {
  const failing = answering(vector([{}, "1"]), { status: 503, body: "" });
  expect(await sampleOf(P95, failing)).toMatchObject({ kind: "error" });
  const nonsense = answering(vector([{}, "1"]), vector([{ other: "x" }, "1"]));
  expect(await sampleOf(P95, nonsense)).toMatchObject({ kind: "error" });
});

test("placeholders are filled, credentials sent and never told", async () => {
  const server = await fake(() => ({ status: 403 }));
  const config = prometheusConfig.parse({
    url: `${server.url}/prom/`,
    basic: { user: "me", password: "s3cret" },
    tenant: "t1",
  });
  const query = { query: 'sum(rate(r{a="1"}[${window}]))' };
  const sample = await prometheusDriver.open(config).sample(query, 90_000, driverContext());
  const [seen] = server.seen;
  expect(seen?.path).toBe("/prom/api/v1/query");
  expect(seen?.headers).toMatchObject({
    "x-scope-orgid": "t1",
    authorization: "Basic bWU6czNjcmV0",
  });
  const form = new URLSearchParams(seen?.body);
  expect(form.get("query")).toBe('sum(rate(r{a="1"}[90s]))');
  expect(form.get("partial_response")).toBe("false");
  expect(JSON.stringify(sample)).not.toContain("s3cret");
  expect(sample).toMatchObject({ kind: "error" });
});

test("a server that hangs is cut by the signal", async () => {
  const server = await fake(() => null);
  const bound = new AbortController();
  const context = driverContext({ signal: bound.signal });
  const asked = prometheusDriver.open({ url: server.url }).sample(P95, 0, context);
  await expect.poll(() => server.seen.length).toBe(1);
  bound.abort();
  expect(await asked).toMatchObject({ kind: "error" });
});

test("a server that is gone is an error", async () => {
  const server = await startLoopbackServer(() => null);
  await server[Symbol.asyncDispose]();
  const sample = await prometheusDriver.open({ url: server.url }).sample(P95, 0, driverContext());
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("refused") });
});

test("an answer larger than the cap is an error", async () => {
  const huge = { status: 200, body: "x".repeat(9_000_000) };
  expect(await sampleOf(P95, () => huge)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("larger"),
  });
});

test.each([
  [{ query: "up" }, 0],
  [{ query: "sum(rate(x[5m]))" }, 300_000],
  [{ query: "sum(rate(x[5m] offset 1h))" }, 3_900_000],
  [{ query: "max_over_time(rate(x[5m])[1h:1m])" }, 3_900_000],
  [{ query: "rate(x[1h30m]) + rate(y[90])" }, 5_400_000],
  [{ query: "x offset -5m" }, 0],
  [{ query: "rate(x[${window}])" }, null],
  [{ query: "rate(x[2 * 1m])" }, null],
  [{ query: "rate(x[5m] @ 1700000000)" }, null],
  [{ bad: "sum(rate(b[1m]))", total: "sum(rate(t[10m]))" }, 600_000],
  [{ bad: "sum(rate(b[1m]))", total: "sum(rate(t[${window}]))" }, null],
  [{ query: 'sum(rate(x{le="[9h]",${arm}}[5m]))' }, 300_000],
])("the window of %j is %s", (query, expected) => {
  expect(prometheusDriver.window(query)).toBe(expected);
});

test.each([
  ["sum(rate(x[5m])", 3, "ends inside the parenthesis"],
  ["rate(x[5m", 6, "ends inside the range"],
  ['x{a="b"', 1, "ends inside the braces"],
  ["rate(x[5 minutes])", 9, 'unexpected "minutes])"'],
  ["x[5m]", 0, "asks for a range"],
  ["(rate(x[5m])[1h:])", 1, "asks for a range"],
  ["   ", 0, "empty"],
  ["sum(", 3, "ends inside"],
  ["1 +", 3, "too early"],
])("lint of %j points at %i", (query, offset, message) => {
  expect(prometheusDriver.lint({ query })).toEqual([
    { key: "query", offset, message: expect.stringContaining(message) },
  ]);
});

test.each([
  'sum(rate(x{${arm}}[${window}])) / sum(rate(x{a=~"b,c",${arm},d="}"}[${window}] offset ${params.ago}))',
  'sum by (le) (rate(x{job="a"}[5m:30s]))',
  "absent(up) or vector(0)",
  "sum(increase(x[5m])) == bool 0",
])("lint has nothing against %j", (query) => {
  expect(prometheusDriver.lint({ query })).toEqual([]);
});

test("lint names the key of each broken query", () => {
  const problems = prometheusDriver.lint({ bad: "sum(", total: "sum(x" });
  expect(problems.map(({ key }) => key)).toEqual(["bad", "total"]);
});

test.each([
  [{}, "state a `query`"],
  [{ query: "a", total: "b" }, "leave out"],
  [{ bad: "a" }, "needs the `total`"],
  [{ total: "a" }, "needs `bad` or `good`"],
  [{ bad: "a", good: "b", total: "c" }, "the same twice"],
  [{ bad: "a", total: "c", samples: "d" }, "goes with `query`"],
])("the keys %j are refused", (query, message) => {
  expect(prometheusQuery.safeParse(query).error?.issues[0]?.message).toContain(message);
});

test("only a share has a unit of its own", () => {
  expect(prometheusDriver.unit(P95)).toBeNull();
  expect(prometheusDriver.unit(SHARE)).toBe("ratio");
});
