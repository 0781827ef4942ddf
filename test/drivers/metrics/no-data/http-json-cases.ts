import { httpJsonDriver } from "../../../../src/drivers/metrics/http-json.ts";
import { askAnswering, httpCases, type HttpSource } from "./http-cases.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

const source: HttpSource = { driver: httpJsonDriver, query: { value: "items[0].v" } };

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string,
  body: object | string,
): SourceCase {
  return { situation, says, becomes, why, ask: () => askAnswering(source, () => body) };
}

export const httpJsonCases: SourceCases = {
  source: "http-json",
  http: source,
  note: {
    connection: "{ type: http-json, url: https://shop.example/desk.json }",
    metrics: [
      "calls: { connection: source, unit: count, value: 'items[0].calls', time: at, window: 5m }",
    ],
    gates: ["calls < 5"],
    age: "what stands at `time`; without it nothing tells how old an answer is",
    rights: "to send the request",
    proofs: [["http-json.test.ts", "the sandbox, and real HTTP servers on loopback"]],
  },
  never: {
    partial: "JSON has no word for it",
  },
  cases: [
    one("nothing", "an empty list on the path", "noData", "a list of 0", { items: [] }),
    one("nothing", "`null`", "noData", "is null", { items: [{ v: null }] }),
    one("nothing", '`""`', "noData", "is empty", { items: [{ v: " " }] }),
    {
      situation: "nothing",
      says: "`204`",
      becomes: "noData",
      why: "204",
      ask: () => askAnswering(source, () => ({ status: 204 })),
    },
    one("zeroByZero", '`"NaN"`', "noData", "is NaN", { items: [{ v: "NaN" }] }),
    one("byZero", '`"Infinity"`', "error", "divides by zero", { items: [{ v: "Infinity" }] }),
    one("byZero", "`1e999`", "error", "too large", '{"items":[{"v":1e999}]}'),
    one("several", "a list or an object on the path", "error", "name one number inside", {
      items: [{ v: [1, 2] }],
    }),
    one("errorInside", "a key that is missing", "error", "the answer has", { error: "no" }),
    {
      situation: "dead",
      says: "a value whose `time` is older than `maxAge`",
      becomes: "stale",
      why: "the newest value is … s old",
      ask: () =>
        askAnswering({ ...source, query: { value: "v", time: "at" } }, () => ({
          v: 1,
          at: Date.now() - 50_000,
        })),
    },
    ...httpCases(source, '{"items":[{"v":'),
  ],
};
