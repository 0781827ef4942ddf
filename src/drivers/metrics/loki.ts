import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis, WallTime } from "../../core/units.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { armsShape } from "./arms-shape.ts";
import { askJson } from "./ask-json.ts";
import { fillWindow } from "./fill-window.ts";
import { futureProblem } from "./future-problem.ts";
import { oneSeries } from "./one-series.ts";
import { createPace } from "./pace.ts";
import { measureParts, PARTS, partsShape, refineParts, type PartsQuery } from "./parts-query.ts";
import { promqlDuration } from "./promql-duration.ts";
import { errorSample, type NoValue } from "./sample-of.ts";
import { firstWords, signInShape, type SignIn } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const lokiConfig = z.strictObject({
  url: z.string().min(1).describe("address of the server, without /loki: http://loki:3100"),
  ...signInShape,
  tenant: z.string().min(1).optional().describe("tenant (X-Scope-OrgID)"),
  arms: armsShape('label matchers that tell the two versions apart: `version="1.2"`; fill ${arm}'),
});

export const lokiQuery = z.strictObject(partsShape("LogQL")).superRefine(refineParts);

export type LokiConfig = z.infer<typeof lokiConfig>;

/** Metric queries of LogQL. How fresh an answer is tells the newest line of the same streams. */
export const lokiDriver: MetricDriver<LokiConfig, PartsQuery> = {
  type: "loki",
  description: "asks a Loki in LogQL",
  config: lokiConfig,
  query: lokiQuery,
  window,
  unit: (query) => (query.total === undefined ? null : "ratio"),
  over: "placeholder",
  counts: (query) => query.total !== undefined || query.samples !== undefined,
  lint: (query) =>
    PARTS.flatMap((key) => {
      const text = query[key];
      return text === undefined || selectorOf(text) !== null
        ? []
        : [{ key, offset: 0, message: 'LogQL selects streams: {app="shop"}' }];
    }),
  open(opened) {
    const pace = createPace();
    return {
      sample(query, asked, context) {
        const server: LokiServer = { ...opened, ...context.connection, pace };
        const ask = (text: string, what: string): Promise<Sample | null> =>
          askPart(server, fillWindow(text, asked), what, context);
        return withinSignal(context.signal, measureParts(query, ask));
      },
      close: () => undefined,
    };
  },
};

type LokiServer = LokiConfig & SignIn;

/** The longest range in the text of its queries; null when one leaves it open. */
function window(query: PartsQuery): Millis | null {
  const ranges = PARTS.flatMap((key) =>
    key === "samples" ? [] : [...masked(query[key] ?? "").matchAll(/\[([^\]]*)\]/gu)],
  ).map(([, range = ""]) => promqlDuration(range.trim()));
  const known = ranges.filter((range) => range !== null);
  return known.length < ranges.length ? null : Math.max(0, ...known);
}

/** The stream selector that a query begins with: what stands between the first braces. */
function selectorOf(text: string): string | null {
  const code = masked(text);
  const start = code.indexOf("{");
  const end = code.indexOf("}", start);
  return start < 0 || end < 0 ? null : text.slice(start, end + 1);
}

/** The text with quoted parts and placeholders blanked out, of the same length. */
function masked(text: string): string {
  return text.replaceAll(/"(?:\\.|[^"\\])*"|`[^`]*`|\$\{arm\}/gu, (part) =>
    "_".repeat(part.length),
  );
}

async function askPart(
  server: LokiServer,
  text: string,
  what: string,
  context: DriverContext,
): Promise<Sample | null> {
  const [data, newest] = await Promise.all([
    call(server, "query", { query: text }, vector, context),
    newestLine(server, selectorOf(text) ?? "", context),
  ]);
  if ("kind" in data) return data;
  if (data.result.length === 0) return null;
  const one = oneSeries(
    data.result.map(({ metric, value: [at, value] }) => ({
      labels: metric,
      at,
      value: numberOf(value),
    })),
    what,
    "aggregate them, as sum() does",
  );
  if (one.kind !== "one") return one;
  if (newest !== null && typeof newest !== "number") return newest;
  return { kind: "value", value: one.value, samples: null, observedAt: newest };
}

/** When the newest line of these streams was written; null when there is none. */
async function newestLine(
  server: LokiServer,
  query: string,
  context: DriverContext,
): Promise<WallTime | NoValue | null> {
  const params = { query, limit: "1", direction: "backward", since: "24h" };
  const data = await call(server, "query_range", params, streams, context);
  if ("kind" in data) return data;
  const nanos = data.result.flatMap(({ values }) => values.map(([at]) => at))[0];
  if (nanos === undefined) return null;
  const at = Number(nanos) / 1e6;
  const future = futureProblem(at, context.now());
  return future === null ? at : errorSample(`the newest line is ${future}`);
}

const vector = z.object({
  resultType: z.literal("vector"),
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]),
    }),
  ),
});
const streams = z.object({
  resultType: z.literal("streams"),
  result: z.array(
    z.object({ values: z.array(z.tuple([z.string(), z.unknown()]).rest(z.unknown())) }),
  ),
});

async function call<T>(
  server: LokiServer,
  path: string,
  params: Readonly<Record<string, string>>,
  data: z.ZodType<T>,
  context: DriverContext,
): Promise<T | NoValue> {
  const { url, tenant, header } = server;
  const address = `${url.replace(/\/+$/u, "")}/loki/api/v1/${path}?${new URLSearchParams(params).toString()}`;
  const signIn =
    tenant === undefined ? server : { ...server, header: { ...header, "x-scope-orgid": tenant } };
  const answer = await askJson("loki", { url: address, method: "GET" }, signIn, context);
  if (answer.kind !== "json") return answer;
  const envelope = z.object({
    status: z.literal("success"),
    warnings: z.array(z.string()).nullish(),
    data,
  });
  const parsed = envelope.safeParse(answer.json);
  if (!parsed.success)
    return errorSample(`loki gave no number: ${firstWords(JSON.stringify(answer.json))}`);
  const [warning] = parsed.data.warnings ?? [];
  return warning === undefined
    ? parsed.data.data
    : errorSample(`loki warned, so the answer may be partial: ${firstWords(warning)}`);
}

function numberOf(text: string): number {
  return /^[+-]?inf$/iu.test(text) ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}
