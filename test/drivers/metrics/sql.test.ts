import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import { sqlConfig, sqlDriver, sqlQuery } from "../../../src/drivers/metrics/sql.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { postgresForTest } from "../../support/real-postgres.ts";
import { folderForTest, needProgram } from "../../support/real-server.ts";
import { eventually } from "../../support/sandbox-client.ts";

const WINDOW = 300_000;

function sampleOf(config: object, query: object | string, timeout = 10_000): Promise<Sample> {
  const asked = typeof query === "string" ? { query } : query;
  const context = driverContext({ signal: AbortSignal.timeout(timeout) });
  return sqlDriver.open(sqlConfig.parse(config)).sample(sqlQuery.parse(asked), WINDOW, context);
}

type Row = readonly [query: string, kind: Sample["kind"], why: string];

async function expectEach(
  sample: (query: string) => Promise<Sample>,
  rows: readonly Row[],
): Promise<void> {
  for (const [query, kind, why] of rows)
    expect([query, await sample(query)]).toMatchObject([
      query,
      { kind, why: expect.stringContaining(why) },
    ]);
}

const BOTH: readonly Row[] = [
  ["SELECT ms FROM orders WHERE false", "noData", "no row"],
  ["SELECT sum(ms) FROM orders WHERE ms > 1000000", "noData", "null"],
  ["SELECT ms FROM orders", "error", "gave 4 rows"],
  ["SELECT count(*), max(ms) FROM orders", "error", "gave 2 columns"],
  ["SELECT 'fast, slow'", "error", "not a number"],
  ["SELECT nonsense FROM orders", "error", "nonsense"],
  ["DELETE FROM orders", "error", "only a SELECT"],
  ["SELECT 1; DELETE FROM orders", "error", "several statements"],
  ["SELECT 1 \\! id", "error", "command of the client"],
];

test("a database of sqlite3 is asked, and never changed", async (context) => {
  needProgram(context, "sqlite3");
  const file = join(await folderForTest(), "shop.db");
  const setUp = [
    "CREATE TABLE orders (at TEXT, ms REAL, failed INTEGER)",
    ...[
      "'-1 minutes', 100, 0",
      "'-2 minutes', 300, 1",
      "'-3 minutes', 200, 0",
      "'-1 hours', 9, 1",
    ].map((row) => row.replace(/^'([^']*)'/u, "INSERT INTO orders SELECT datetime('now', '$1')")),
  ];
  execFileSync("sqlite3", [file, setUp.join(";\n")]);
  const config = { client: "sqlite3", database: file };
  const recent = "FROM orders WHERE at > datetime('now', '-${window} seconds')";
  expect(await sampleOf(config, `SELECT avg(ms) ${recent}`)).toEqual({
    kind: "value",
    value: 200,
    samples: null,
    observedAt: null,
  });
  const share = {
    bad: `SELECT count(*) ${recent} AND failed`,
    total: `SELECT count(*) ${recent}`,
    time: "SELECT max(at) FROM orders",
  };
  const ratio = await sampleOf(config, share);
  expect(ratio).toMatchObject({ kind: "value", value: 1 / 3, samples: 3 });
  const age = Date.now() - (ratio.kind === "value" ? (ratio.observedAt ?? 0) : 0);
  expect(age).toBeGreaterThan(55_000);
  expect(age).toBeLessThan(75_000);
  expect(
    await sampleOf(config, { ...share, time: "SELECT max(at) FROM orders WHERE ms > 1e9" }),
  ).toMatchObject({ kind: "noData", why: expect.stringContaining("`time`") });
  expect(
    await sampleOf(config, { query: `SELECT max(ms) ${recent}`, samples: share.total }),
  ).toMatchObject({ value: 300, samples: 3 });
  await expectEach(
    (query) => sampleOf(config, query),
    [
      ...BOTH,
      ["WITH x AS (SELECT 1) INSERT INTO orders SELECT 1, 2, 3", "error", "INTO"],
      ["WITH x AS (SELECT 1) DELETE FROM orders", "error", "readonly"],
      ["SELECT writefile('/tmp/x', 'y')", "error", "safe"],
    ],
  );
  const missing = { client: "sqlite3", database: `${file}.none` };
  expect(await sampleOf(missing, "SELECT 1")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("unable to open"),
  });
});

test("a PostgreSQL is asked in a session that may only read, without a secret in any argument", async (context) => {
  needProgram(context, "psql");
  const { port, password, pid, stop } = await postgresForTest(context);
  const config = {
    client: "psql",
    host: "127.0.0.1",
    port,
    user: "owner",
    password,
    database: "postgres",
  };
  const sample = (query: object | string, timeout?: number): Promise<Sample> =>
    sampleOf(config, query, timeout);
  await eventually(
    () => sample("SELECT 1"),
    ({ kind }) => kind === "value",
  );
  execFileSync(
    "psql",
    [
      "-qc",
      `CREATE TABLE orders AS SELECT now() - n * interval '1 minute' AS at, n * 100.0 AS ms, n = 2 AS failed
         FROM unnest(ARRAY[1, 2, 3, 60]) AS n;
       CREATE ROLE reader LOGIN PASSWORD 'reader-s3cret'`,
    ],
    {
      env: {
        ...process.env,
        PGHOST: "127.0.0.1",
        PGPORT: String(port),
        PGUSER: "owner",
        PGPASSWORD: password,
        PGDATABASE: "postgres",
      },
    },
  );
  const recent = "FROM orders WHERE at > now() - interval '${window} seconds'";
  expect(await sample(`SELECT avg(ms) ${recent}`)).toMatchObject({ kind: "value", value: 200 });
  expect(await sample(`SELECT bool_or(failed) ${recent}`)).toMatchObject({ value: true });
  const ratio = await sample({
    bad: `SELECT count(*) FILTER (WHERE failed) ${recent}`,
    total: `SELECT count(*) ${recent}`,
    time: "SELECT max(at) FROM orders",
  });
  expect(ratio).toMatchObject({ kind: "value", value: 1 / 3, samples: 3 });
  const age = Date.now() - (ratio.kind === "value" ? (ratio.observedAt ?? 0) : 0);
  expect(age).toBeGreaterThan(59_000);
  expect(age).toBeLessThan(75_000);
  await expectEach(sample, [
    ...BOTH,
    ["SELECT 'NaN'::float8", "noData", "NaN"],
    ["SELECT 'Infinity'::float8", "error", "divides by zero"],
    ["SELECT 1 / 0", "error", "division by zero"],
    [
      "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone",
      "error",
      "read-only",
    ],
  ]);
  expect(
    await sampleOf(
      { ...config, user: "reader", password: "reader-s3cret" },
      "SELECT max(ms) FROM orders",
    ),
  ).toMatchObject({ kind: "error", why: expect.stringContaining("permission denied") });
  const wrong = await sampleOf({ ...config, password: "hunter2-s3cret" }, "SELECT 1");
  expect(wrong).toMatchObject({
    kind: "error",
    why: expect.stringContaining("password authentication failed"),
  });
  expect(JSON.stringify(wrong)).not.toContain("hunter2");

  const slow = sample("SELECT count(*) FROM pg_sleep(20)", 4000);
  await eventually(
    () => Promise.resolve(processList()),
    (list) => list.includes("pg_sleep(20)"),
  );
  expect(processList()).not.toContain(password);
  expect(await slow).toMatchObject({ kind: "error", why: expect.stringContaining("in time") });

  await freezeProcess(pid);
  expect(await sample("SELECT 1", 400)).toMatchObject({ kind: "error" });
  process.kill(pid, "SIGCONT");
  await stop();
  expect(await sample("SELECT 1")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
}, 30_000);

function processList(): string {
  return spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout;
}

test("a client that is not installed is an error", async () => {
  const config = { client: "psql", database: "x", env: { PATH: "/nowhere" } };
  expect(await sampleOf(config, "SELECT 1")).toMatchObject({ kind: "error" });
});

test.each([
  ["SELECT 1", null],
  ["  with x as (select 1) select * from x;  ", null],
  ["SELECT 'a; b \\ INTO' FROM \"x;y\"", null],
  ["UPDATE x SET a = 1", 0],
  ["SELECT 1; SELECT 2", 8],
  ["SELECT a INTO b FROM c", 9],
  ["SELECT 1 \\g /tmp/x", 9],
])("lint of %s points at %s", (query, offset) => {
  expect(sqlDriver.lint({ query }).map((problem) => problem.offset)).toEqual(
    offset === null ? [] : [offset],
  );
});
