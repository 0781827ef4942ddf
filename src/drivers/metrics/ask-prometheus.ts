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
  /** Answers of the past that were asked many at a time; absent where now is asked. */
  readonly past?: PromPast;
}

/** Questions about the past come in equal steps, so that one range query answers many of them. */
export interface PromPast {
  readonly ask: (
    query: string,
    at: number,
    ask: { readonly instant: AskInstant; readonly range: AskRange },
  ) => Promise<PromAnswer | NoValue>;
}

export type AskInstant = () => Promise<PromAnswer | NoValue>;
/** The series at each of `steps` points in time, from `at` on and so many seconds apart. */
export type AskRange = (
  seconds: number,
  steps: number,
) => Promise<{ readonly kind: "points"; readonly points: PromPoints } | NoValue>;
/** By unix time in milliseconds. */
export type PromPoints = ReadonlyMap<number, readonly PromSeries[]>;

export type PromAnswer = { readonly kind: "series"; readonly series: readonly PromSeries[] };

const pair = z.tuple([z.number(), z.string()]);
const element = z.object({
  metric: z.record(z.string(), z.string()),
  value: pair.optional(),
  histogram: z.unknown().optional(),
});
const rangeElement = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(pair).optional(),
  histograms: z.array(z.tuple([z.number(), z.unknown()])).optional(),
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
  const instant: AskInstant = async () => {
    const form = { query, ...(at === null ? {} : { time: String(at) }) };
    const data = await request(server, "query", form, context);
    return data.kind === "data" ? readResult(data.type, data.result) : data;
  };
  if (server.past === undefined || at === null) return await instant();
  const range: AskRange = async (seconds, steps) => {
    const end = at + (steps - 1) * seconds;
    const times = { start: seconds3(at), end: seconds3(end), step: seconds3(seconds) };
    const data = await request(server, "query_range", { query, ...times, nocache: "1" }, context);
    return data.kind === "data" ? readPoints(data.type, data.result) : data;
  };
  return await server.past.ask(query, at, { instant, range });
}

/** Servers count in milliseconds; a sum of floats would name a time between two of them. */
function seconds3(seconds: number): string {
  return seconds.toFixed(3);
}

type Data = { readonly kind: "data"; readonly type: string; readonly result: unknown };

async function request(
  server: PromServer,
  path: "query" | "query_range",
  form: Readonly<Record<string, string>>,
  context: DriverContext,
): Promise<Data | NoValue> {
  const answer = await askSource(
    {
      url: `${server.url.replace(/\/+$/, "")}/api/v1/${path}`,
      method: "POST",
      accept: "application/json",
      // Thanos and VictoriaMetrics answer with what they have unless told not to; Prometheus ignores both.
      form: { ...form, partial_response: "false", deny_partial_response: "1" },
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
  return { kind: "data", type: body.data?.resultType ?? "nothing", result: body.data?.result };
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

function readPoints(
  type: string,
  result: unknown,
): { readonly kind: "points"; readonly points: PromPoints } | NoValue {
  const matrix = z.array(rangeElement).safeParse(result);
  if (type !== "matrix" || !matrix.success)
    return errorSample("prometheus answered a range that cannot be read");
  const points = new Map<number, PromSeries[]>();
  const add = (series: PromSeries): void => {
    const time = Math.round(series.at * 1000);
    points.set(time, [...(points.get(time) ?? []), series]);
  };
  for (const { metric, values = [], histograms = [] } of matrix.data) {
    for (const value of values) add(seriesOf(metric, value));
    for (const [at] of histograms) add({ labels: metric, at, value: null });
  }
  return { kind: "points", points };
}

function seriesOf(labels: Record<string, string>, [at, text]: [number, string]): PromSeries {
  return { labels, at, value: numberOf(text) };
}

/** `NaN`, `+Inf` and `-Inf` are what Prometheus writes; anything unreadable is NaN, and no data too. */
function numberOf(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return text.trim() === "" ? Number.NaN : Number(text);
}
