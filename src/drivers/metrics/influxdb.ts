import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis, WallTime } from "../../core/units.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { armsShape } from "./arms-shape.ts";
import { askInflux, valueOfRow, type InfluxServer } from "./ask-influx.ts";
import { fillWindow } from "./fill-window.ts";
import { futureProblem } from "./future-problem.ts";
import { influxqlNewest, influxqlProblem, influxqlReach } from "./influxql.ts";
import { createPace } from "./pace.ts";
import { measureParts, PARTS, partsShape, refineParts, type PartsQuery } from "./parts-query.ts";
import { errorSample, type NoValue } from "./sample-of.ts";
import { signInShape } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const influxdbConfig = z.strictObject({
  url: z.string().min(1).describe("address of the server, without /query: http://influxdb:8086"),
  database: z.string().min(1).describe("the database that is read"),
  retention: z.string().min(1).optional().describe("a retention policy, without it the default"),
  ...signInShape,
  arms: armsShape("conditions that tell the two versions apart: version='1.2'; fill ${arm}"),
});

export const influxdbQuery = z.strictObject(partsShape("InfluxQL")).superRefine(refineParts);

export type InfluxdbConfig = z.infer<typeof influxdbConfig>;

/** InfluxQL over the HTTP API of InfluxDB 1, and of 2 and 3 where they still speak it. */
export const influxdbDriver: MetricDriver<InfluxdbConfig, PartsQuery> = {
  type: "influxdb",
  description: "asks an InfluxDB in InfluxQL",
  config: influxdbConfig,
  query: influxdbQuery,
  window,
  unit: (query) => (query.total === undefined ? null : "ratio"),
  over: "placeholder",
  counts: (query) => query.total !== undefined || query.samples !== undefined,
  lint: (query) =>
    PARTS.flatMap((key) => {
      const text = query[key];
      const problem = text === undefined ? null : influxqlProblem(text);
      return problem === null ? [] : [{ key, ...problem }];
    }),
  open(opened) {
    const pace = createPace();
    return {
      sample(query, asked, context) {
        const server: InfluxServer = { ...opened, ...context.connection, pace };
        const ask = (text: string, what: string): Promise<Sample | null> =>
          askPart(server, fillWindow(text, asked), what, context);
        return withinSignal(context.signal, measureParts(query, ask));
      },
      close: () => undefined,
    };
  },
};

/** The furthest that any of its queries looks back; null when one leaves it open. */
function window(query: PartsQuery): Millis | null {
  let furthest: Millis | null = 0;
  for (const key of PARTS) {
    const text = query[key];
    if (text === undefined || key === "samples") continue;
    const reach = influxqlReach(text);
    furthest = reach === null || furthest === null ? null : Math.max(furthest, reach);
  }
  return furthest;
}

async function askPart(
  server: InfluxServer,
  text: string,
  what: string,
  context: DriverContext,
): Promise<Sample | null> {
  const problem = influxqlProblem(text);
  if (problem !== null) return errorSample(`${what}: ${problem.message}`);
  const newest = influxqlNewest(text);
  const [row, point] = await Promise.all([
    askInflux(server, text, what, context),
    newest === null ? null : askInflux(server, newest, what, context),
  ]);
  if (row === null || row.kind !== "row") return row;
  const sample = valueOfRow(row, what);
  if (sample.kind !== "value" || point === null) return sample;
  if (point.kind !== "row") return point;
  const observedAt = timeOf(point.columns, point.values, context.now());
  return typeof observedAt === "number" ? { ...sample, observedAt } : observedAt;
}

/** The time of the newest point behind an aggregate, whose own time is only where its window begins. */
function timeOf(
  columns: readonly string[],
  values: readonly unknown[],
  now: WallTime,
): WallTime | NoValue {
  const time = values[columns.indexOf("time")];
  if (typeof time !== "number") return errorSample("influxdb did not say how new its points are");
  const future = futureProblem(time, now);
  return future === null ? time : errorSample(`the newest point is ${future}`);
}
