import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis, WallTime } from "../../core/units.ts";
import { envInput } from "../argv-input.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { armsShape } from "./arms-shape.ts";
import { askSql, valueOfCell } from "./ask-sql.ts";
import { futureProblem } from "./future-problem.ts";
import { measureParts, PARTS, partsShape, refineParts } from "./parts-query.ts";
import { readTime } from "./read-time.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";
import { SQL_CLIENTS, type SqlServer } from "./sql-clients.ts";
import { fillSqlWindow, sqlProblem } from "./sql-text.ts";
import { withinSignal } from "./within-signal.ts";

export const sqlConfig = z.strictObject({
  client: z
    .enum(Object.keys(SQL_CLIENTS) as Array<keyof typeof SQL_CLIENTS>)
    .describe("the database's own client program, which must be installed"),
  database: z.string().min(1).describe("the name of the database; for sqlite3 its file"),
  host: z.string().min(1).optional().describe("without it as the client has it"),
  port: z.int().min(1).max(65_535).optional(),
  user: z.string().min(1).optional().describe("a user that may read and do nothing else"),
  password: z
    .string()
    .min(1)
    .optional()
    .describe("as a reference like ${env:DB_PASSWORD}; it reaches the client in its environment"),
  env: envInput.optional().describe("environment of the client: PGSSLMODE, PGSERVICE"),
  arms: armsShape("conditions that tell the two versions apart; fill ${arm}"),
});

export const sqlQuery = z
  .strictObject({
    ...partsShape("SQL"),
    time: z
      .string()
      .min(1)
      .optional()
      .describe("SQL that gives the time of the newest row; makes old answers stale"),
  })
  .superRefine(refineParts);

export type SqlConfig = z.infer<typeof sqlConfig>;
export type SqlQuery = z.infer<typeof sqlQuery>;

/** A query through a database's own client program. `${window}` in it is the asked window in seconds. */
export const sqlDriver: MetricDriver<SqlConfig, SqlQuery> = {
  type: "sql",
  description: "asks a database through its own client program",
  config: sqlConfig,
  query: sqlQuery,
  window: () => null,
  unit: (query) => (query.total === undefined ? null : "ratio"),
  over: "placeholder",
  counts: (query) => query.total !== undefined || query.samples !== undefined,
  lint: (query) =>
    [...PARTS, "time" as const].flatMap((key) => {
      const text = query[key];
      const problem = text === undefined ? null : sqlProblem(text);
      return problem === null ? [] : [{ key, ...problem }];
    }),
  open: (opened) => ({
    sample: (query, window, context) =>
      withinSignal(
        context.signal,
        measure({ ...opened, ...context.connection }, query, window, context),
      ),
    close: () => undefined,
  }),
};

async function measure(
  server: SqlServer,
  query: SqlQuery,
  window: Millis,
  context: DriverContext,
): Promise<Sample> {
  const ask = async (text: string, what: string): Promise<Sample> => {
    const cell = await askSql(server, fillSqlWindow(text, window), what, context);
    return cell.kind === "cell" ? valueOfCell(cell, what) : cell;
  };
  const [sample, observedAt] = await Promise.all([
    measureParts(query, ask),
    query.time === undefined ? null : timeOf(server, fillSqlWindow(query.time, window), context),
  ]);
  if (sample.kind !== "value" || observedAt === null) return sample;
  return typeof observedAt === "number" ? { ...sample, observedAt } : observedAt;
}

async function timeOf(
  server: SqlServer,
  query: string,
  context: DriverContext,
): Promise<WallTime | NoValue> {
  const cell = await askSql(server, query, "`time`", context);
  if (cell.kind !== "cell") return cell;
  if (/^(?:null)?$/iu.test(cell.text)) return noDataSample("`time` gave none: there is no row");
  const at = readTime(cell.text);
  if (at === null)
    return errorSample(`\`time\` gave ${cell.text.slice(0, 40)}: that is not a time`);
  const future = futureProblem(at, context.now());
  return future === null ? at : errorSample(`\`time\` is ${future}`);
}
