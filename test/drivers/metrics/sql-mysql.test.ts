import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import { sqlConfig, sqlDriver, sqlQuery } from "../../../src/drivers/metrics/sql.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { mariadbForTest } from "../../support/real-mariadb.ts";
import { needProgram } from "../../support/real-server.ts";

test("a MariaDB is asked by the mysql client, which carries out nothing itself", async (context) => {
  needProgram(context, "mysql");
  const { port, pid, stop } = await mariadbForTest(context);
  const admin = (statements: string): string =>
    execFileSync(
      "mysql",
      ["--no-defaults", "--host=127.0.0.1", `--port=${port}`, "--user=root", "-e", statements],
      { encoding: "utf8" },
    );
  admin(
    `CREATE DATABASE shop;
     CREATE TABLE shop.orders (at DATETIME, ms DOUBLE, failed BOOLEAN);
     INSERT INTO shop.orders VALUES (UTC_TIMESTAMP() - INTERVAL 1 MINUTE, 100, 0),
       (UTC_TIMESTAMP() - INTERVAL 2 MINUTE, 300, 1), (UTC_TIMESTAMP() - INTERVAL 1 HOUR, 9, 1);
     CREATE USER reader IDENTIFIED BY 'reader-s3cret';
     GRANT SELECT, DELETE ON shop.* TO reader`,
  );
  const config = {
    client: "mysql",
    host: "127.0.0.1",
    port,
    user: "reader",
    password: "reader-s3cret",
    database: "shop",
  };
  const sample = (query: object | string, given: object = {}, timeout = 10_000): Promise<Sample> =>
    sqlDriver
      .open(sqlConfig.parse({ ...config, ...given }))
      .sample(
        sqlQuery.parse(typeof query === "string" ? { query } : query),
        300_000,
        driverContext({ signal: AbortSignal.timeout(timeout) }),
      );
  const recent = "FROM orders WHERE at > UTC_TIMESTAMP() - INTERVAL ${window} SECOND";
  expect(await sample(`SELECT avg(ms) ${recent}`)).toMatchObject({ kind: "value", value: 200 });
  const ratio = await sample({
    bad: `SELECT count(*) ${recent} AND failed`,
    total: `SELECT count(*) ${recent}`,
    time: "SELECT max(at) FROM orders",
  });
  expect(ratio).toMatchObject({ kind: "value", value: 0.5, samples: 2 });
  const age = Date.now() - (ratio.kind === "value" ? (ratio.observedAt ?? 0) : 0);
  expect(age).toBeGreaterThan(55_000);
  expect(age).toBeLessThan(75_000);
  for (const [query, kind, why] of [
    ["SELECT ms FROM orders WHERE false", "noData", "no row"],
    ["SELECT sum(ms) FROM orders WHERE ms > 1000000", "noData", "null"],
    // It makes NULL of a division by 0.
    ["SELECT 1 / 0", "noData", "null"],
    ["SELECT ms FROM orders", "error", "gave 3 rows"],
    ["SELECT count(*), max(ms) FROM orders", "error", "gave 2 columns"],
    ["SELECT nonsense FROM orders", "error", "Unknown column"],
    ["DELETE FROM orders", "error", "only a SELECT"],
    ["SELECT 1 \\! id", "error", "command of the client"],
  ] as const)
    expect([query, await sample(query)]).toMatchObject([
      query,
      { kind, why: expect.stringContaining(why) },
    ]);
  expect(admin("SELECT count(*) AS n FROM shop.orders")).toBe("n\n3\n");
  const wrong = await sample("SELECT 1", { password: "hunter2-s3cret" });
  expect(wrong).toMatchObject({ kind: "error", why: expect.stringContaining("Access denied") });
  expect(JSON.stringify(wrong)).not.toContain("hunter2");

  await freezeProcess(pid);
  expect(await sample("SELECT 1", {}, 400)).toMatchObject({ kind: "error" });
  process.kill(pid, "SIGCONT");
  await stop();
  expect(await sample("SELECT 1")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("Can't connect"),
  });
}, 30_000);
