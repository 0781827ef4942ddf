import type { Sample } from "../../../../src/core/sample.ts";
import { openmetricsDriver } from "../../../../src/drivers/metrics/openmetrics.ts";
import { askAnswering, httpCases, type HttpSource } from "./http-cases.ts";
import type { SourceCases } from "./source-cases.ts";

function gauge(page: string, query: object = { gauge: "pool" }): Promise<Sample> {
  return askAnswering({ driver: openmetricsDriver, query }, () => page);
}

const source: HttpSource = { driver: openmetricsDriver, query: { gauge: "pool" } };

export const openmetricsCases: SourceCases = {
  source: "openmetrics",
  http: source,
  note: {
    connection: "{ type: openmetrics, url: http://localhost:4001/metrics }",
    metrics: [
      "p95: { connection: source, unit: s, histogram: latency_seconds, quantile: 0.95, window: 5m }",
      "pool: { connection: source, unit: ratio, gauge: pool_used, per: pool_size }",
    ],
    gates: ["p95 < 200ms", "pool < 80%"],
    age: "each question is a scrape of its own, so an answer is of now; what grows is counted from the first scrape on",
    rights: "to scrape the page",
    proofs: [["openmetrics.test.ts", "the sandbox, and real HTTP servers on loopback"]],
  },
  never: {
    errorInside: "a page is metrics or it is not",
    partial: "a page is whole or it is not",
    dead: "it is asked itself, so its silence is an error",
  },
  cases: [
    {
      situation: "nothing",
      says: "no such series",
      becomes: "noData",
      why: "no series",
      ask: () => gauge("other 1\n"),
    },
    {
      situation: "nothing",
      says: "a counter that was not watched for a window yet",
      becomes: "noData",
      why: "the window is not covered yet",
      ask: () => gauge("pool 1\n", { rate: "pool" }),
    },
    {
      situation: "zeroByZero",
      says: "`pool NaN`",
      becomes: "noData",
      why: "NaN",
      ask: () => gauge("pool NaN\n"),
    },
    {
      situation: "zeroByZero",
      says: "`gauge` and `per` are 0",
      becomes: "noData",
      why: "nothing to divide by",
      ask: () => gauge("pool 0\nsize 0\n", { gauge: "pool", per: "size" }),
    },
    {
      situation: "byZero",
      says: "`pool +Inf`",
      becomes: "error",
      why: "+Inf: it divides by zero",
      ask: () => gauge("pool +Inf\n"),
    },
    {
      situation: "byZero",
      says: "`per` is 0",
      becomes: "error",
      why: "cannot be divided",
      ask: () => gauge("pool 1\nsize 0\n", { gauge: "pool", per: "size" }),
    },
    {
      situation: "several",
      says: "2 series of a gauge without `reduce`",
      becomes: "error",
      why: 'differ in pod ("a", "b")',
      ask: () => gauge('pool{pod="a"} 1\npool{pod="b"} 2\n'),
    },
    ...httpCases(source, 'pool{a="'),
  ],
};
