import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { askJson } from "./ask-json.ts";
import { futureProblem } from "./future-problem.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";
import { firstWords, type SignIn } from "./source-request.ts";

export interface GraphiteServer extends SignIn {
  readonly url: string;
}

/** How the points of a window become one number. */
export type ReducePoints = "last" | "sum" | "avg" | "max" | "min";

const answer = z.array(
  z.object({
    target: z.string(),
    // The value stands before the time. What Graphite writes for infinity is `1e9999`.
    datapoints: z.array(z.tuple([z.number().or(z.literal(Infinity)).nullable(), z.number()])),
  }),
);

type Points = ReadonlyArray<readonly [value: number, seconds: number]>;

/** The points of one target within a window, made one number; null where no series matches. */
export async function askGraphite(
  server: GraphiteServer,
  question: {
    readonly target: string;
    readonly what: string;
    readonly window: Millis;
    readonly reduce: ReducePoints;
  },
  context: DriverContext,
): Promise<Sample | null> {
  const { target, what, window, reduce } = question;
  const params = new URLSearchParams({
    target,
    from: `-${Math.ceil(window / 1000)}s`,
    until: "now",
    format: "json",
    // A stored answer would be as old as the cache keeps it.
    noCache: "true",
  });
  const url = `${server.url.replace(/\/+$/u, "")}/render?${params.toString()}`;
  const got = await askJson("graphite", { url, method: "GET" }, server, context);
  if (got.kind !== "json") return got;
  const parsed = answer.safeParse(got.json);
  if (!parsed.success)
    return errorSample(`this is no answer of a graphite: ${firstWords(JSON.stringify(got.json))}`);
  const [first, ...others] = parsed.data;
  if (first === undefined) return null;
  if (others.length > 0)
    return errorSample(
      several(
        parsed.data.map((each) => each.target),
        what,
      ),
    );
  const points = first.datapoints.flatMap(([value, at]) =>
    value === null ? [] : [[value, at] as const],
  );
  return sampleOf(points, what, reduce, context);
}

function several(targets: readonly string[], what: string): string {
  const shown = targets.slice(0, 3).join(", ");
  const more = targets.length > 3 ? ", …" : "";
  return `${what} gave ${targets.length} series (${shown}${more}): aggregate them, as sumSeries() does`;
}

function sampleOf(
  points: Points,
  what: string,
  reduce: ReducePoints,
  context: DriverContext,
): Sample | NoValue {
  const newest = points.at(-1);
  if (newest === undefined) return noDataSample(`${what} gave only null`);
  const value = reduced(
    points.map(([each]) => each),
    reduce,
  );
  if (!Number.isFinite(value)) return errorSample(`${what} is infinite: it divides by zero`);
  const observedAt = newest[1] * 1000;
  const future = futureProblem(observedAt, context.now());
  if (future !== null) return errorSample(`the newest point of ${what} is ${future}`);
  return { kind: "value", value, samples: null, observedAt };
}

function reduced(values: readonly number[], reduce: ReducePoints): number {
  switch (reduce) {
    case "last":
      return values.at(-1) ?? Number.NaN;
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "avg":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}
