import { influxdbDriver } from "../../../../src/drivers/metrics/influxdb.ts";
import { askAnswering, httpCases, type HttpSource } from "./http-cases.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

const config = { database: "app" };
const source: HttpSource = {
  driver: influxdbDriver,
  config,
  query: { query: "SELECT mean(ms) FROM requests WHERE time > now() - 5m" },
};
const share: HttpSource = {
  driver: influxdbDriver,
  config,
  query: {
    bad: "SELECT sum(n) FROM errors WHERE time > now() - 5m",
    total: "SELECT sum(n) FROM requests WHERE time > now() - 5m",
  },
};

function series(...values: ReadonlyArray<readonly [time: number, value: unknown]>): object {
  return {
    results: [{ statement_id: 0, series: [{ name: "x", columns: ["time", "mean"], values }] }],
  };
}

const empty = { results: [{ statement_id: 0 }] };

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  answer: object,
): SourceCase {
  return { situation, says, becomes, why, ask: () => askAnswering(source, () => answer) };
}

export const influxdbCases: SourceCases = {
  source: "influxdb",
  http: source,
  note: {
    connection:
      '{ type: influxdb, url: "http://influxdb:8086", database: app, basic: { user: reader, password: "${env:INFLUX_PASSWORD}" } }',
    metrics: [
      'cpu: { connection: source, unit: ratio, query: "SELECT mean(used) FROM cpu WHERE time > now() - 5m" }',
    ],
    gates: ["cpu < 80%"],
    age: "the newest point under the same conditions, which is asked for beside an aggregate. InfluxDB carries out what changes it also when it comes by GET, so only a SELECT is sent",
    rights: "READ on the database",
    proofs: [["influxdb.test.ts", "InfluxDB 1"]],
  },
  never: {
    zeroByZero: "InfluxQL makes it 0, so `lint` refuses such a division",
    byZero: "InfluxQL makes it 0, so `lint` refuses such a division",
  },
  cases: [
    one("nothing", "a result without `series`, for `count()` too", "noData", "gave nothing", empty),
    one("nothing", "`null`", "noData", "is null", series([0, null])),
    {
      situation: "nothing",
      says: "nothing for `bad` beside a `total`",
      becomes: "value",
      why: 0,
      ask: () =>
        askAnswering(share, ({ path }) =>
          path.includes("errors") ? empty : series([Date.now(), 10]),
        ),
    },
    {
      situation: "nothing",
      says: "nothing for `total`",
      becomes: "noData",
      why: "`total` gave nothing",
      ask: () => askAnswering(share, () => empty),
    },
    one("several", "2 rows of `GROUP BY time`", "error", "gave 2 rows", series([0, 1], [1, 2])),
    one("several", "2 series of `GROUP BY`", "error", "gave 2 series, grouped by pod", {
      results: [
        {
          series: ["a", "b"].map((pod) => ({ tags: { pod }, columns: ["time", "v"], values: [] })),
        },
      ],
    }),
    one("errorInside", '`"error"` in a result', "error", "database not found", {
      results: [{ statement_id: 0, error: "database not found: app" }],
    }),
    one("partial", '`"partial": true`', "error", "partial", {
      results: [{ statement_id: 0, partial: true, series: [] }],
    }),
    {
      situation: "dead",
      says: "a mean whose newest point is older than `maxAge`",
      becomes: "stale",
      why: "the newest value is … s old",
      ask: () => askAnswering(source, () => series([Date.now() - 50_000, 1])),
    },
    ...httpCases(source, '{"results":[{"statement_id":0,"series":[{"na'),
  ],
};
