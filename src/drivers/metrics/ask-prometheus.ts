import { z } from "zod";

import type { DriverContext } from "../driver.ts";
import { parseJson } from "./parse-json.ts";
import { errorSample, type NoValue } from "./sample-of.ts";
import { askSource, describeStatus, firstWords, type SignIn } from "./source-request.ts";

/** One series of an instant answer. `value` is null where the server gave a native histogram. */
export interface PromSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The server's own evaluation time in unix seconds. */
  readonly at: number;
  readonly value: number | null;
}

export interface PromServer extends SignIn {
  readonly url: string;
  readonly tenant?: string | undefined;
}

export type PromAnswer = { readonly kind: "series"; readonly series: readonly PromSeries[] };

const pair = z.tuple([z.number(), z.string()]);
const element = z.object({
  metric: z.record(z.string(), z.string()),
  value: pair.optional(),
  histogram: z.unknown().optional(),
});
const envelope = z.object({
  status: z.string(),
  error: z.string().optional(),
  errorType: z.string().optional(),
  warnings: z.array(z.string()).nullish(),
  isPartial: z.boolean().optional(),
  data: z.object({ resultType: z.string(), result: z.unknown() }).nullish(),
});

/**
 * One instant query, by POST because queries are long. Anything but a complete, successful answer is an error: an error
 * inside a 200, warnings (a store that did not answer), a partial answer. `at` asks as of that time (unix seconds, by the
 * server's clock); without it the server decides what is now, so its clock and ours never have to agree.
 */
export async function askPrometheus(
  server: PromServer,
  query: string,
  context: DriverContext,
  at: number | null = null,
): Promise<PromAnswer | NoValue> {
  const answer = await askSource(
    {
      url: `${server.url.replace(/\/+$/, "")}/api/v1/query`,
      method: "POST",
      accept: "application/json",
      form: {
        query,
        ...(at === null ? {} : { time: String(at) }),
        // Thanos and VictoriaMetrics answer with what they have unless told not to; Prometheus ignores both.
        partial_response: "false",
        deny_partial_response: "1",
      },
    },
    server.tenant === undefined
      ? server
      : { ...server, header: { ...server.header, "x-scope-orgid": server.tenant } },
    context,
  );
  if (answer.kind === "noAnswer") return errorSample(`prometheus at ${answer.why}`);
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return errorSample(wrongBody(answer.status, answer.body));
  const body = parsed.data;
  if (body.status !== "success" || answer.status !== 200) {
    const words = firstWords(body.error ?? body.errorType ?? answer.body);
    return errorSample(`prometheus refused the query with status ${answer.status}: ${words}`);
  }
  if (body.isPartial === true) return errorSample("prometheus gave a partial answer");
  const [warning] = body.warnings ?? [];
  if (warning !== undefined)
    return errorSample(`prometheus warned, so the answer may be partial: ${firstWords(warning)}`);
  return readResult(body.data?.resultType ?? "nothing", body.data?.result);
}

function wrongBody(status: number, body: string): string {
  if (status !== 200) return `prometheus ${describeStatus(status, body)}`;
  const words = firstWords(body);
  return `this is no answer of a prometheus: ${words === "" ? "the body is empty" : words}`;
}

function readResult(type: string, result: unknown): PromAnswer | NoValue {
  if (type === "scalar") {
    const scalar = pair.safeParse(result);
    if (!scalar.success) return errorSample("prometheus answered a scalar without a value");
    return { kind: "series", series: [seriesOf({}, scalar.data)] };
  }
  if (type !== "vector")
    return errorSample(`the query gives a ${type}: it must give one number at one time`);
  const vector = z.array(element).safeParse(result);
  if (!vector.success) return errorSample("prometheus answered a vector that cannot be read");
  const series = vector.data.map(({ metric, value }) =>
    value === undefined ? { labels: metric, at: 0, value: null } : seriesOf(metric, value),
  );
  return { kind: "series", series };
}

function seriesOf(labels: Record<string, string>, [at, text]: [number, string]): PromSeries {
  return { labels, at, value: numberOf(text) };
}

/** `NaN`, `+Inf` and `-Inf` are what Prometheus writes; anything unreadable is NaN, and no data too. */
function numberOf(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return text.trim() === "" ? Number.NaN : Number(text);
}
