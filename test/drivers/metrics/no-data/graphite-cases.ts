import { graphiteDriver } from "../../../../src/drivers/metrics/graphite.ts";
import { askAnswering, httpCases, type HttpSource } from "./http-cases.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

const source: HttpSource = { driver: graphiteDriver, query: { query: "shop.p95" } };
const share: HttpSource = {
  driver: graphiteDriver,
  query: { bad: "shop.errors", total: "shop.requests" },
};

const seconds = (ago: number): number => Math.floor(Date.now() / 1000) - ago;

function series(...values: readonly unknown[]): object {
  const datapoints = values.map((value, index) => [value, seconds(values.length - index)]);
  return [{ target: "shop.p95", tags: {}, datapoints }];
}

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  answer: () => object | string,
): SourceCase {
  return { situation, says, becomes, why, ask: () => askAnswering(source, answer) };
}

export const graphiteCases: SourceCases = {
  source: "graphite",
  http: source,
  note: {
    connection: '{ type: graphite, url: "http://graphite:8080" }',
    metrics: [
      'queue: { connection: source, unit: count, query: "sumSeries(shop.*.queue)", window: 1m }',
      "errors: { connection: source, bad: shop.errors, total: shop.requests, window: 5m, minSamples: 100 }",
    ],
    gates: ["queue < 10", "errors < 1%"],
    age: "the newest point of the window that is not null. A share adds up the points of its window",
    rights: "to render",
    proofs: [["graphite.test.ts", "carbon and graphite-web"]],
  },
  never: {
    errorInside: "errors have their status",
    partial: "cannot be told: set `STORE_FAIL_ON_ERROR` in graphite-web",
  },
  cases: [
    one("nothing", "`[]`", "noData", "gave nothing", () => []),
    one("nothing", "only `null` in the window", "noData", "only null", () => series(null, null)),
    one("nothing", "`null` after a number", "value", 3, () => series(3, null)),
    {
      situation: "nothing",
      says: "`[]` for `bad` beside a `total`",
      becomes: "value",
      why: 0,
      ask: () => askAnswering(share, ({ path }) => (path.includes("errors") ? [] : series(4, 6))),
    },
    {
      situation: "nothing",
      says: "a `total` of 0",
      becomes: "inconclusive",
      why: "nothing to judge",
      ask: () => askAnswering(share, () => series(0, 0)),
    },
    one("zeroByZero", "`null`", "noData", "only null", () => series(null)),
    one("byZero", "`null` from divideSeries()", "noData", "only null", () => series(null)),
    one(
      "byZero",
      "`1e9999`, which is how it writes infinity",
      "error",
      "divides by zero",
      () => `[{"target":"x","datapoints":[[1e9999,${seconds(1)}]]}]`,
    ),
    one("several", "2 series", "error", "gave 2 series (a, b): aggregate them", () =>
      ["a", "b"].map((target) => ({ target, datapoints: [[1, seconds(1)]] })),
    ),
    one(
      "dead",
      "a newest point older than `maxAge`",
      "stale",
      "the newest value is … s old",
      () => [{ target: "x", datapoints: [[1, seconds(50)]] }],
    ),
    ...httpCases(source, '[{"target":"shop.p95","datapo'),
  ],
};
