import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test, type TestContext } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import {
  influxdbConfig,
  influxdbDriver,
  influxdbQuery,
} from "../../../src/drivers/metrics/influxdb.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freePort } from "../../support/free-port.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { answers, folderForTest, needProgram, startRealServer } from "../../support/real-server.ts";
import { eventually } from "../../support/sandbox-client.ts";

interface Influx {
  readonly pid: number;
  readonly stop: () => Promise<void>;
  readonly run: (statement: string) => Promise<void>;
  readonly write: (...lines: string[]) => Promise<void>;
  readonly sample: (query: object | string, config?: object, timeout?: number) => Promise<Sample>;
}

const ADMIN = { user: "admin", password: "s3cret" };

async function influxForTest(context: TestContext): Promise<Influx> {
  needProgram(context, "influxd");
  const folder = await folderForTest();
  const [http, rpc, ifql] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, "influxdb.conf");
  await writeFile(
    config,
    [
      "reporting-disabled = true",
      `bind-address = "127.0.0.1:${rpc}"`,
      `[meta]\ndir = "${folder}/meta"`,
      `[data]\ndir = "${folder}/data"\nwal-dir = "${folder}/wal"`,
      `[http]\nbind-address = "127.0.0.1:${http}"\nauth-enabled = true\nlog-enabled = false`,
      `[ifql]\nenabled = false\nbind-address = "127.0.0.1:${ifql}"`,
      "[monitor]\nstore-enabled = false",
    ].join("\n"),
  );
  const url = `http://127.0.0.1:${http}`;
  const server = await startRealServer("influxd", ["-config", config], {
    isReady: () => answers(`${url}/ping`),
  });
  const basic = Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString("base64");
  const post = async (path: string, body: string): Promise<void> => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: {
        authorization: `Basic ${basic}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body,
    });
    if (!response.ok) throw new Error(await response.text());
  };
  const run = (statement: string): Promise<void> =>
    post("/query", new URLSearchParams({ q: statement }).toString());
  await run("CREATE USER admin WITH PASSWORD 's3cret' WITH ALL PRIVILEGES");
  await run("CREATE DATABASE app");
  return {
    ...server,
    run,
    write: (...lines) => post("/write?db=app&precision=ms", lines.join("\n")),
    sample(query, given = {}, timeout = 5000) {
      const opened = influxdbDriver.open(
        influxdbConfig.parse({ url, database: "app", basic: ADMIN, ...given }),
      );
      const asked = typeof query === "string" ? { query } : query;
      const context = driverContext({ signal: AbortSignal.timeout(timeout) });
      return opened.sample(influxdbQuery.parse(asked), 300_000, context);
    },
  };
}

test("one number, its time, shares, and everything that is no number", async (context) => {
  const { sample, write, run, pid, stop } = await influxForTest(context);
  const now = Date.now();
  await write(
    `req,version=canary,code=200 n=90i,ms=120 ${now - 4000}`,
    `req,version=canary,code=500 n=10i,ms=80 ${now - 3000}`,
    `req,version=stable,code=200 n=50i,ms=10,up=true,title="x" ${now - 2000}`,
    `old,version=canary n=7i ${now - 120_000}`,
  );
  const mean = "SELECT mean(ms) FROM req WHERE version = 'canary' AND time > now() - ${window}";
  expect(await sample(mean)).toEqual({
    kind: "value",
    value: 100,
    samples: null,
    observedAt: now - 3000,
  });
  const counted = mean.replace("mean(ms)", "sum(n)");
  expect(await sample({ query: mean, samples: counted })).toMatchObject({ samples: 100 });

  const canary = "FROM req WHERE version = 'canary' AND time > now() - 5m";
  const total = `SELECT sum(n) ${canary}`;
  const share = { bad: `SELECT sum(n) ${canary} AND code = '500'`, total };
  expect(await sample(share)).toEqual({
    kind: "value",
    value: 0.1,
    samples: 100,
    observedAt: now - 3000,
  });
  const none = { bad: `SELECT sum(n) ${canary} AND code = '503'`, total };
  expect(await sample(none)).toMatchObject({ kind: "value", value: 0, samples: 100 });
  const dead = { bad: share.bad, total: total.replace("canary", "gone") };
  expect(await sample(dead)).toMatchObject({ kind: "noData" });

  // An aggregate of a window goes on answering after its writer died: its newest point tells.
  const nested =
    "SELECT max(m) FROM (SELECT mean(n) AS m FROM old WHERE time > now() - 5m GROUP BY version)";
  for (const query of ["SELECT sum(n) FROM old WHERE time > now() - 5m", nested])
    expect(await sample(query)).toMatchObject({ value: 7, observedAt: now - 120_000 });

  expect(await sample("SELECT last(up) FROM req")).toMatchObject({ kind: "value", value: true });
  for (const [query, kind, why] of [
    ["SELECT mean(ms) FROM nothing", "noData", "gave nothing"],
    ["SELECT count(ms) FROM req WHERE version = 'x'", "noData", "gave nothing"],
    ["SELECT mean(ms) FROM req GROUP BY version", "error", "gave 2 series, grouped by version"],
    ["SELECT ms FROM req", "error", "gave 3 rows"],
    ["SELECT mean(ms), max(ms) FROM req", "error", "gave 2 columns, mean, max"],
    ["SELECT last(title) FROM req", "error", "not a number"],
    ["SELECT mean(ms) FROM req; SELECT max(ms) FROM req", "error", "several statements"],
    ["SELECT nonsense(", "error", "answered 400"],
    // InfluxDB itself would carry these out.
    ["DROP DATABASE app", "error", "only a SELECT"],
    ["SELECT mean(ms) INTO copy FROM req", "error", "INTO would write"],
    ["SELECT mean(ms) / sum(n) FROM req", "error", "division by 0"],
  ] as const)
    expect([query, await sample(query)]).toMatchObject([
      query,
      { kind, why: expect.stringContaining(why) },
    ]);
  expect(await sample(mean, { database: "nodb" })).toMatchObject({
    kind: "error",
    why: expect.stringContaining("database not found: nodb"),
  });
  expect(
    await sample("SELECT mean(ms) FROM app.autogen.req WHERE version = 'stable'"),
  ).toMatchObject({ value: 10 });

  await run("CREATE USER reader WITH PASSWORD 'r'");
  const reader = { basic: { user: "reader", password: "r" } };
  // A new user is known a moment after its statement was answered.
  const known = await eventually(
    () => sample(mean, reader),
    (answer) => !JSON.stringify(answer).includes("answered 401"),
  );
  expect(known).toMatchObject({ kind: "error", why: expect.stringContaining("may not read") });
  await run("GRANT READ ON app TO reader");
  expect(await sample(mean, reader)).toMatchObject({ kind: "value" });
  const wrong = await sample(mean, { basic: { user: "admin", password: "hunter2" } });
  expect(wrong).toMatchObject({ kind: "error", why: expect.stringContaining("credentials") });
  expect(JSON.stringify(wrong)).not.toContain("hunter2");
  const token = { basic: undefined, header: { authorization: "Token reader:r" } };
  expect(await sample(mean, token)).toMatchObject({ kind: "error" });

  await freezeProcess(pid);
  expect(await sample(mean, {}, 300)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("in time"),
  });
  process.kill(pid, "SIGCONT");
  await stop();
  expect(await sample(mean)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
}, 30_000);

test.each([
  ["SELECT a / b FROM m", 9],
  ["SELECT sum(a)/sum(b) FROM m", 13],
  ["SELECT mean(a) / 1000 FROM m", null],
  ["SELECT mean(a) / 1000.5 AS x FROM m", null],
  ["SELECT (a / 10) * 2 FROM m WHERE path =~ /^\\/api/ AND b = 'x/y'", null],
  ['SELECT mean(a) FROM /cpu.*/ WHERE "a/b" !~ /x/', null],
  ["SELECT 1 / a FROM m", 9],
  ["SELECT a / 0x FROM m", 9],
])("a division that may be by 0 is found in %s", (query, offset) => {
  const message = expect.stringContaining("division by 0");
  const expected = offset === null ? [] : [{ key: "query", offset, message }];
  expect(influxdbDriver.lint({ query })).toEqual(expected);
});

test.each([
  ["SELECT last(a) FROM m", 0],
  ["SELECT mean(a) FROM m WHERE time > now() - 5m", 300_000],
  ["SELECT mean(a) FROM m WHERE time > now() - 90s AND x = 'now() - 9h'", 90_000],
  ["SELECT mean(a) FROM m WHERE time > now() - ${window}", null],
])("the window of %s is %s", (query, expected) => {
  expect(influxdbDriver.window({ query })).toBe(expected);
});
