import type { Sample } from "../../core/sample.ts";
import type { DriverContext } from "../driver.ts";
import { lastWords } from "../run-command.ts";
import { readValue } from "./read-answer.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";
import { SQL_CLIENTS, type SqlServer } from "./sql-clients.ts";
import { sqlProblem } from "./sql-text.ts";

export type Cell = { readonly kind: "cell"; readonly text: string };

/** One row of one column, as the client program prints it. */
export async function askSql(
  server: SqlServer,
  query: string,
  what: string,
  context: DriverContext,
): Promise<Cell | NoValue> {
  const problem = sqlProblem(query);
  if (problem !== null) return errorSample(`${what}: ${problem.message}`);
  const { command, separator } = SQL_CLIENTS[server.client];
  const { argv, env } = command(server, query);
  const result = await context.exec(argv, { signal: context.signal, env });
  if (result.exitCode === null)
    return errorSample(`${server.client}: ${result.why ?? "it was killed"}`);
  if (result.exitCode !== 0)
    return errorSample(
      `${server.client} ended with ${result.exitCode}${withoutSecret(lastWords(result), server)}`,
    );
  const rows = result.stdout.split(/\r?\n/u).slice(0, -1);
  const [row, ...others] = rows;
  if (row === undefined) return noDataSample(`${what} gave no row`);
  if (others.length > 0) return errorSample(`${what} gave ${rows.length} rows: ask for one`);
  const columns = columnsOf(row, separator);
  return columns.length === 1
    ? { kind: "cell", text: columns[0] ?? "" }
    : errorSample(`${what} gave ${columns.length} columns: ask for one`);
}

/** The value of a cell; `t` and `f` are how PostgreSQL prints yes and no. */
export function valueOfCell({ text }: Cell, what: string): Sample {
  const words: Readonly<Record<string, string>> = { t: "true", f: "false", NULL: "null" };
  return readValue(words[text] ?? text, what);
}

function columnsOf(row: string, separator: "," | "\t"): readonly string[] {
  if (separator === "\t") return row.split("\t");
  const cells = row.match(/(?<=^|,)(?:"(?:""|[^"])*"|[^,]*)/gu) ?? [];
  return cells.map((cell) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}

function withoutSecret(text: string, { password = "" }: SqlServer): string {
  return password.length < 6 ? text : text.replaceAll(password, "[redacted]");
}
