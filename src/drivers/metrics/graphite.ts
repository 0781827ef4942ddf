import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis } from "../../core/units.ts";
import type { MetricDriver } from "../driver.ts";
import { armsShape } from "./arms-shape.ts";
import { askGraphite, type GraphiteServer, type ReducePoints } from "./ask-graphite.ts";
import { fillWindow } from "./fill-window.ts";
import { createPace } from "./pace.ts";
import { measureParts, PARTS, partsShape, refineParts } from "./parts-query.ts";
import { signInShape } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

/** How far back is looked where no window is asked for: the newest point of many a series is a minute old. */
const LOOK_BACK: Millis = 60_000;

export const graphiteConfig = z.strictObject({
  url: z.string().min(1).describe("address of graphite-web, without /render"),
  ...signInShape,
  arms: armsShape("parts of the names that tell the two versions apart; fill ${arm}"),
});

export const graphiteQuery = z
  .strictObject({
    ...partsShape("a target"),
    reduce: z
      .enum(["last", "sum", "avg", "max", "min"])
      .optional()
      .describe("makes one number of the window's points; without it `query` has the last one"),
  })
  .superRefine((query, issues) => {
    refineParts(query, issues);
    if (query.reduce !== undefined && query.total !== undefined)
      issues.addIssue({
        code: "custom",
        path: ["reduce"],
        message: "`reduce` goes with `query`: a share adds up its points",
      });
  });

export type GraphiteConfig = z.infer<typeof graphiteConfig>;
export type GraphiteQuery = z.infer<typeof graphiteQuery>;

/** Targets of Graphite's render API. Points of the window that are null say nothing; the newest other one is its time. */
export const graphiteDriver: MetricDriver<GraphiteConfig, GraphiteQuery> = {
  type: "graphite",
  description: "asks a Graphite for a target",
  config: graphiteConfig,
  query: graphiteQuery,
  window: () => null,
  unit: (query) => (query.total === undefined ? null : "ratio"),
  counts: (query) => query.total !== undefined || query.samples !== undefined,
  lint: (query) =>
    PARTS.flatMap((key) => {
      const offset = unbalanced(query[key] ?? "");
      return offset === null
        ? []
        : [
            {
              key,
              offset,
              message: "this parenthesis has no other half, and Graphite would not say so",
            },
          ];
    }),
  open(opened) {
    const pace = createPace();
    return {
      sample(query, asked, context) {
        const server: GraphiteServer = { ...opened, ...context.connection, pace };
        const window = Math.ceil((asked > 0 ? asked : LOOK_BACK) / 1000) * 1000;
        const ask = (text: string, what: string): Promise<Sample | null> => {
          const target = fillWindow(text, window);
          return askGraphite(
            server,
            { target, what, window, reduce: reduceOf(query, what) },
            context,
          );
        };
        return withinSignal(context.signal, measureParts(query, ask));
      },
      close: () => undefined,
    };
  },
};

/** Counts are added up; a value is the newest, unless the plan says otherwise. */
function reduceOf({ reduce }: GraphiteQuery, what: string): ReducePoints {
  return what === "`query`" ? (reduce ?? "last") : "sum";
}

/** The first parenthesis that is not closed, or was not opened. */
function unbalanced(text: string): number | null {
  const open: number[] = [];
  const code = text.replaceAll(/'[^']*'|"[^"]*"/gu, (quoted) => "_".repeat(quoted.length));
  for (const { index, 0: char } of code.matchAll(/[()]/gu)) {
    if (char === "(") open.push(index);
    else if (open.pop() === undefined) return index;
  }
  return open.at(-1) ?? null;
}
