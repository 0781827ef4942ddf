import { prometheusDriver } from "../../../../src/drivers/metrics/prometheus.ts";
import { askAnswering, httpCases, type Answers, type HttpSource } from "./http-cases.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

const NOW = 1_700_000_000;
const source: HttpSource = {
  driver: prometheusDriver,
  query: { query: "sum(rate(requests_total[5m]))" },
};
const share: HttpSource = {
  driver: prometheusDriver,
  query: { bad: "sum(rate(errors_total[5m]))", total: "sum(rate(requests_total[5m]))" },
};

function vector(...series: ReadonlyArray<readonly [object, string]>): object {
  const result = series.map(([metric, value]) => ({ metric, value: [NOW, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

/** Answers queries by what they hold; how fresh the series are is asked with `timestamp(`. */
function byQuery(answers: Readonly<Record<string, object>>, age: number | null = 2): Answers {
  return ({ body }) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    if (query.includes("max_over_time(timestamp("))
      return vector([{ canary_selector: "0" }, String(NOW - 42)]);
    if (query.includes("timestamp("))
      return age === null ? vector() : vector([{ canary_selector: "0" }, String(NOW - age)]);
    return Object.entries(answers).find(([part]) => query.includes(part))?.[1] ?? vector();
  };
}

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  answer: object,
): SourceCase {
  const answers = byQuery({ "": answer });
  return { situation, says, becomes, why, ask: () => askAnswering(source, answers) };
}

export const prometheusCases: SourceCases = {
  source: "prometheus",
  http: source,
  note: {
    connection: '{ type: prometheus, url: "http://prometheus:9090" }',
    metrics: [
      "p95: { connection: source, unit: s, query: 'histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m])))' }",
      "errors: { connection: source, bad: 'sum(rate(requests{code=~\"5..\"}[5m]))', total: 'sum(rate(requests[5m]))', minSamples: 100 }",
    ],
    gates: ["p95 < 200ms", "errors < 1%"],
    age: "each selector is asked for the time of its newest sample. Where Prometheus marked the end of a series, its window is stale at once; VictoriaMetrics does not when a scrape fails, so there it ages until `maxAge`. Thanos and VictoriaMetrics are told to refuse partial answers",
    rights: "to query; with Mimir or Cortex for its `tenant`",
    proofs: [
      ["real-prometheus.test.ts", "Prometheus"],
      ["real-victoria-metrics.test.ts", "VictoriaMetrics and vmauth"],
      ["prometheus.test.ts", "recorded answers"],
    ],
  },
  never: {},
  cases: [
    one("nothing", '`"result": []`', "noData", "no series", vector()),
    {
      situation: "nothing",
      says: "`bad` is `[]` beside a `total`",
      becomes: "value",
      why: 0,
      ask: () => askAnswering(share, byQuery({ requests_total: vector([{}, "10"]) })),
    },
    {
      situation: "nothing",
      says: "`total` is 0",
      becomes: "inconclusive",
      why: "nothing to judge",
      ask: () => askAnswering(share, byQuery({ "": vector([{}, "0"]) })),
    },
    one("zeroByZero", '`"NaN"`', "noData", "NaN", vector([{}, "NaN"])),
    one("byZero", '`"+Inf"`', "error", "+Inf: it divides by zero", vector([{}, "+Inf"])),
    one("byZero", '`"-Inf"`', "error", "-Inf: it divides by zero", vector([{}, "-Inf"])),
    one(
      "several",
      "2 series",
      "error",
      'differ in pod ("a", "b"): aggregate them',
      vector([{ pod: "a" }, "1"], [{ pod: "b" }, "2"]),
    ),
    one("errorInside", '`"status": "error"`', "error", "refused the query", {
      status: "error",
      errorType: "execution",
      error: "many-to-many matching",
    }),
    one("partial", '`"warnings": […]`', "error", "store b did not answer", {
      ...vector([{}, "1"]),
      warnings: ["store b did not answer"],
    }),
    one("partial", '`"isPartial": true`', "error", "partial", {
      ...vector([{}, "1"]),
      isPartial: true,
    }),
    {
      situation: "dead",
      says: "a number, from a window whose series ended",
      becomes: "stale",
      why: "ended 42 s ago: only its window still answers",
      ask: () => askAnswering(source, byQuery({ "": vector([{}, "0.1"]) }, null)),
    },
    ...httpCases(source, '{"status":"success","data":{"resultType":"vector","result":[{"met'),
  ],
};
