import { execFileSync, spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Sample } from "../../../../src/core/sample.ts";
import { sqlConfig, sqlDriver, sqlQuery } from "../../../../src/drivers/metrics/sql.ts";
import { driverContext } from "../../../support/driver-context.ts";
import { folderForTest } from "../../../support/real-server.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

/** Asks a real file of sqlite3; without that program, one that does what it would. */
async function ask(
  query: object,
  env: Readonly<Record<string, string>> = {},
  timeout = 10_000,
): Promise<Sample> {
  const folder = await folderForTest();
  const database = join(folder, "shop.db");
  if (spawnSync("which", ["sqlite3"]).status !== 0)
    throw new Error("no sqlite3 on the PATH: install it");
  execFileSync("sqlite3", [database, "CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)"]);
  const source = sqlDriver.open(sqlConfig.parse({ client: "sqlite3", database, env }));
  const context = driverContext({ signal: AbortSignal.timeout(timeout) });
  return await source.sample(sqlQuery.parse(query), 60_000, context);
}

/** Asks with another program in the place of sqlite3. */
async function askProgram(script: string, timeout?: number): Promise<Sample> {
  const folder = await folderForTest();
  const program = join(folder, "sqlite3");
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  return await ask({ query: "SELECT 1" }, { PATH: `${folder}:/usr/bin:/bin` }, timeout);
}

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  query: object | string,
): SourceCase {
  const asked = typeof query === "string" ? { query } : query;
  return { situation, says, becomes, why, ask: () => ask(asked) };
}

export const sqlCases: SourceCases = {
  source: "sql",
  note: {
    connection:
      '{ type: sql, client: psql, host: db, user: reader, password: "${env:DB_PASSWORD}", database: shop }',
    metrics: [
      "lost: { connection: source, unit: count, query: \"SELECT count(*) FROM orders WHERE lost AND at > now() - interval '${window} seconds'\", time: SELECT max(at) FROM orders }",
    ],
    gates: ["lost over stage == 0"],
    age: "what `time` gives. The session may only read, and a query is one SELECT; `${window}` is a number of seconds",
    rights: "SELECT on what is asked",
    proofs: [
      ["sql.test.ts", "sqlite3 and PostgreSQL"],
      ["sql-mysql.test.ts", "MariaDB, by the mysql client"],
    ],
  },
  never: {
    partial: "a query is answered or it is not",
    errorInside: "errors end the client with another code than 0",
  },
  cases: [
    one("nothing", "no row", "noData", "no row", "SELECT v FROM t WHERE v > 9"),
    one(
      "nothing",
      "`NULL`, as a sum of no rows is",
      "noData",
      "null",
      "SELECT sum(v) FROM t WHERE v > 9",
    ),
    one("nothing", "0, as a count of no rows is", "value", 0, "SELECT count(*) FROM t WHERE v > 9"),
    one("nothing", "a `total` of 0", "inconclusive", "nothing to judge", {
      bad: "SELECT 0",
      total: "SELECT count(*) FROM t WHERE v > 9",
    }),
    one("zeroByZero", "`NULL`, in sqlite3 and MySQL", "noData", "null", "SELECT 0 / 0"),
    one(
      "byZero",
      "`NULL`, in sqlite3 and MySQL; an error in PostgreSQL",
      "noData",
      "null",
      "SELECT 1 / 0",
    ),
    one("several", "2 rows", "error", "gave 2 rows: ask for one", "SELECT v FROM t"),
    one("several", "2 columns", "error", "gave 2 columns: ask for one", "SELECT 1, 2"),
    one("dead", "a `time` older than `maxAge`", "stale", "the newest value is … s old", {
      query: "SELECT 1",
      time: "SELECT datetime('now', '-50 seconds')",
    }),
    {
      situation: "hangs",
      says: "nothing",
      becomes: "error",
      why: "in time",
      ask: () => askProgram("exec sleep 30", 300),
    },
    {
      situation: "gone",
      says: "the client is not installed",
      becomes: "error",
      why: "sqlite3",
      ask: () => ask({ query: "SELECT 1" }, { PATH: "/nowhere" }),
    },
    {
      situation: "refused",
      says: "the client ends with 2",
      becomes: "error",
      why: "ended with 2: FATAL: no",
      ask: () => askProgram("echo 'FATAL: no' >&2; exit 2"),
    },
    one("refused", "`DELETE`, which is not even sent", "error", "only a SELECT", "DELETE FROM t"),
    one("other", "words", "error", "not a number", "SELECT 'fast'"),
  ],
};
