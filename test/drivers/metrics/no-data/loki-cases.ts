import { lokiDriver } from "../../../../src/drivers/metrics/loki.ts";
import { askAnswering, httpCases, type Answers, type HttpSource } from "./http-cases.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

const source: HttpSource = {
  driver: lokiDriver,
  query: { query: 'sum(rate({app="shop"} |= "ERROR" [5m]))' },
};
const share: HttpSource = {
  driver: lokiDriver,
  query: {
    bad: 'sum(count_over_time({app="shop"} |= "ERROR" [5m]))',
    total: 'sum(count_over_time({app="shop"} [5m]))',
  },
};

function vector(...series: ReadonlyArray<readonly [object, string]>): object {
  const result = series.map(([metric, value]) => ({ metric, value: [1_700_000_000, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

/** Answers queries with `answer`, by whether they are about errors, and that for the newest line by its age. */
function answering(answer: object, errors: object = answer, ago = 1): Answers {
  return ({ path }) => {
    if (!path.includes("/query_range?")) return path.includes("ERROR") ? errors : answer;
    const values = [[`${Date.now() - ago * 1000}000000`, "a line"]];
    return { status: "success", data: { resultType: "streams", result: [{ stream: {}, values }] } };
  };
}

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  answer: object,
): SourceCase {
  return { situation, says, becomes, why, ask: () => askAnswering(source, answering(answer)) };
}

export const lokiCases: SourceCases = {
  source: "loki",
  http: source,
  note: {
    connection: '{ type: loki, url: "http://loki:3100", tenant: shop }',
    metrics: [
      'errors: { connection: source, bad: \'sum(count_over_time({app="shop"} |= "ERROR" [5m]))\', total: \'sum(count_over_time({app="shop"} [5m]))\', minSamples: 100 }',
    ],
    gates: ["errors < 1%"],
    age: "the newest line of the streams that the query selects first, asked for beside it",
    rights: "to read the logs of its tenant",
    proofs: [["no-data/loki-cases.ts", "a fake that answers as its API is documented"]],
  },
  never: {},
  cases: [
    one("nothing", "`[]`: absent lines are not counted as 0", "noData", "gave nothing", vector()),
    {
      situation: "nothing",
      says: "`[]` for `bad` beside a `total`",
      becomes: "value",
      why: 0,
      ask: () => askAnswering(share, answering(vector([{}, "10"]), vector())),
    },
    {
      situation: "nothing",
      says: "`[]` for `total`",
      becomes: "noData",
      why: "`total` gave nothing",
      ask: () => askAnswering(share, answering(vector())),
    },
    one("zeroByZero", '`"NaN"`', "noData", "NaN", vector([{}, "NaN"])),
    one("byZero", '`"+Inf"`', "error", "divides by zero", vector([{}, "+Inf"])),
    one(
      "several",
      "2 series",
      "error",
      'differ in pod ("a", "b"): aggregate them',
      vector([{ pod: "a" }, "1"], [{ pod: "b" }, "2"]),
    ),
    one("errorInside", '`"status": "error"`', "error", "gave no number", { status: "error" }),
    one("partial", '`"warnings": […]`', "error", "may be partial", {
      ...vector([{}, "1"]),
      warnings: ["an ingester did not answer"],
    }),
    {
      situation: "dead",
      says: "a number, and a newest line older than `maxAge`",
      becomes: "stale",
      why: "the newest value is … s old",
      ask: () => askAnswering(source, answering(vector([{}, "1"]), undefined, 50)),
    },
    one("other", "lines, to a query that is no metric", "error", "gave no number", {
      status: "success",
      data: { resultType: "streams", result: [] },
    }),
    ...httpCases(source, '{"status":"success","data":{"resu'),
  ],
};
