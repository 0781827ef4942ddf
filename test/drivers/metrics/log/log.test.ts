import { execFileSync } from "node:child_process";
import { appendFile, copyFile, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../../src/core/sample.ts";
import { logConfig, logDriver } from "../../../../src/drivers/metrics/log.ts";
import { logQuery } from "../../../../src/drivers/metrics/log/log-query.ts";
import { driverContext } from "../../../support/driver-context.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const TIME = "^(\\S+)";
const WINDOW = 60_000;

interface World {
  readonly path: string;
  /** Asks, by a clock that the test sets. */
  readonly ask: (query: object, window?: number) => Promise<Sample>;
  readonly append: (...lines: string[]) => Promise<void>;
  readonly tick: (ms: number) => void;
  /** A line with a time so many milliseconds ago. */
  readonly line: (ago: number, text: string) => string;
}

async function world(config: object = {}, first: readonly string[] | null = []): Promise<World> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const path = join(folder.path, "app.log");
  // Behind the clock of the file system, so that a line arrives when it is read.
  const start = Date.now() - 1000;
  let ahead = 0;
  const now = (): number => start + ahead;
  if (first !== null) await writeFile(path, first.map((text) => `${text}\n`).join(""));
  const source = logDriver.open(logConfig.parse({ file: path, ...config }));
  onTestFinished(() => source.close());
  return {
    path,
    ask: (query, window = WINDOW) =>
      source.sample(logQuery.parse(query), window, { ...driverContext(), now }),
    append: (...lines) => appendFile(path, lines.map((text) => `${text}\n`).join("")),
    tick: (ms) => {
      ahead += ms;
    },
    line: (ago, text) => `${new Date(now() - ago).toISOString()} ${text}`,
  };
}

/** A world whose log was watched for a window already. */
async function watched(query: object, config: object = {}): Promise<World> {
  const given = await world(config);
  await given.ask(query);
  given.tick(WINDOW);
  return given;
}

const COUNT = { count: "ERROR" };

test("a log without times is counted from when it was opened, once its window is covered", async () => {
  const { ask, append, tick } = await world({}, ["old ERROR"]);
  expect(await ask(COUNT)).toMatchObject({
    kind: "noData",
    why: expect.stringMatching(/not covered yet: 0 s of 60 s of .*app\.log seen/),
  });
  await append("ERROR a", "fine", "ERROR b");
  tick(30_000);
  expect(await ask(COUNT)).toMatchObject({ kind: "noData" });
  tick(30_000);
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 2, samples: 3 });
  expect(await ask(COUNT, 10_000)).toMatchObject({ kind: "noData" });
});

test("a log with times reaches back before it was opened", async () => {
  const { ask, append, path, line } = await world({ time: TIME });
  await append(
    line(200_000, "ERROR long ago"),
    line(50_000, "ERROR a"),
    "  at stack ERROR trace",
    line(30_000, "fine"),
    line(20_000, "ERROR b"),
    line(20_000, "ERROR c"),
  );
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 4, samples: 5 });
  expect(await ask(COUNT, 25_000)).toMatchObject({ kind: "value", value: 2 });
  // Longer than what was read at first.
  expect(await ask(COUNT, 300_000)).toMatchObject({ kind: "value", value: 5 });
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 4 });
  expect(path).toContain("app.log");
});

test("silence is no data, but not in a log that may be quiet", async () => {
  const silent = await watched(COUNT);
  expect(await silent.ask(COUNT)).toMatchObject({
    kind: "noData",
    why: expect.stringContaining("nothing was written"),
  });
  const quiet = await watched(COUNT, { quiet: true });
  expect(await quiet.ask(COUNT)).toEqual({ kind: "value", value: 0, samples: 0, observedAt: null });
});

test("lines of another kind show that it lives", async () => {
  const { ask, append } = await watched(COUNT);
  await append("fine", "fine");
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 0, samples: 2 });
});

test("a window that still has lines of a dead service is observed when the last was written", async () => {
  const { ask, append, tick, line } = await world({ time: TIME });
  await append(line(1000, "ERROR"));
  const before = await ask(COUNT);
  tick(50_000);
  const after = await ask(COUNT);
  expect(after).toEqual(before);
  expect(after).toMatchObject({ kind: "value", value: 1 });
});

test("a torn last line is counted once, when it is complete", async () => {
  const { ask, append, path } = await watched(COUNT);
  await append("fine");
  await appendFile(path, "an ERR");
  expect(await ask(COUNT)).toMatchObject({ value: 0, samples: 1 });
  await appendFile(path, "OR\nERROR");
  expect(await ask(COUNT)).toMatchObject({ value: 1, samples: 2 });
  await appendFile(path, "\r\n");
  expect(await ask({ ...COUNT })).toMatchObject({ value: 2, samples: 3 });
});

test("a line that was torn when the log was opened counts as a whole", async () => {
  const { ask, append, path, tick } = await world({}, ["old"]);
  await appendFile(path, "an ERR");
  await ask(COUNT);
  await append("OR");
  tick(WINDOW);
  expect(await ask(COUNT)).toMatchObject({ value: 1, samples: 1 });
});

test("nothing is lost when the log is rotated, not even what its writer adds to the old file", async () => {
  const { ask, append, path } = await watched(COUNT);
  await append("ERROR 1");
  await rename(path, `${path}.1`);
  await appendFile(`${path}.1`, "ERROR 2\n");
  await writeFile(path, "ERROR 3\n");
  expect(await ask(COUNT)).toMatchObject({ value: 3 });
  await appendFile(`${path}.1`, "ERROR 4\n");
  await append("ERROR 5");
  expect(await ask(COUNT)).toMatchObject({ value: 5 });
  await rename(path, `${path}.2`);
  await writeFile(path, "ERROR 6\n");
  expect(await ask(COUNT)).toMatchObject({ value: 6 });
});

test("a log that is copied and truncated is counted on, also when it is longer than before", async () => {
  const { ask, append, path } = await watched(COUNT);
  await append("ERROR 1", "fine");
  expect(await ask(COUNT)).toMatchObject({ value: 1 });
  await copyFile(path, `${path}.1`);
  await truncate(path);
  await append("ERROR 2");
  expect(await ask(COUNT)).toMatchObject({ value: 2 });
  await truncate(path);
  await append("ERROR 3 and longer than all that stood there before", "ERROR 4");
  expect(await ask(COUNT)).toMatchObject({ value: 4, samples: 5 });
});

test("a log that is away is an error, and counted on when it is back", async () => {
  const { ask, append, path } = await watched(COUNT);
  await append("ERROR 1");
  await rm(path);
  expect(await ask(COUNT)).toMatchObject({
    kind: "error",
    why: expect.stringMatching(/there is no file .*app\.log/),
  });
  await writeFile(path, "ERROR 2\n");
  expect(await ask(COUNT)).toMatchObject({ value: 2 });
});

test("a window that began before the last rotation includes the file before", async () => {
  const { ask, append, path, line } = await world({ time: TIME });
  await writeFile(
    `${path}.1`,
    `${line(90_000, "ERROR long ago")}\n${line(50_000, "ERROR before")}\n`,
  );
  await append(line(10_000, "ERROR after"));
  expect(await ask(COUNT)).toMatchObject({ value: 2, samples: 2 });
});

test("a file before that is packed leaves the window uncovered", async () => {
  const { ask, append, path, line, tick } = await world({ time: TIME });
  await writeFile(`${path}.1.gz`, "packed");
  await append(line(10_000, "ERROR after"));
  expect(await ask(COUNT)).toMatchObject({
    kind: "noData",
    why: expect.stringContaining("10 s of 60 s"),
  });
  tick(50_000);
  await append(line(1000, "ERROR again"));
  expect(await ask(COUNT)).toMatchObject({ value: 1 });
});

test("a file before that ended long ago does not", async () => {
  const { ask, append, path, line } = await world({ time: TIME });
  await writeFile(`${path}.1.gz`, "packed");
  const old = new Date(Date.now() - 3_600_000);
  await utimes(`${path}.1.gz`, old, old);
  await append(line(10_000, "ERROR after"));
  expect(await ask(COUNT)).toMatchObject({ value: 1 });
});

test("the beginning of a window is found in a large log", async () => {
  const { ask, path, line } = await world({ time: TIME });
  const lines = Array.from({ length: 60_000 }, (_, index) =>
    line((60_000 - index) * 100, `${index % 2 === 0 ? "ERROR" : "fine"} ${"x".repeat(40)}`),
  );
  await writeFile(path, `${lines.join("\n")}\n`);
  // 100 ms a line: 600 lines within a minute, but for the one right at its beginning.
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 299, samples: 599 });
});

test("times that `time` cannot find, or that have not been yet, are an error", async () => {
  const { ask, append, line, tick } = await world({ time: "at=(\\S+)" });
  await append("no time here", `at=${line(-7_200_000, "in two hours")}`);
  expect(await ask(COUNT)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("2 lines"),
  });
  await append(`at=${line(0, "ERROR")}`);
  tick(1000);
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 1 });
});

test("times without a zone are in that of the connection", async () => {
  const { ask, append } = await world({ time: "^(\\S+ \\S+)", zone: "+05:30" });
  const local = new Date(Date.now() + 5.5 * 3_600_000 - 5000).toISOString();
  await append(`${local.slice(0, 10)} ${local.slice(11, 23)} ERROR`);
  expect(await ask(COUNT)).toMatchObject({ kind: "value", value: 1 });
});

test("lines out of order are counted by their time", async () => {
  const { ask, append, line } = await world({ time: TIME });
  await append(line(10_000, "ERROR a"), line(40_000, "ERROR b"), line(5000, "ERROR c"));
  expect(await ask(COUNT, 20_000)).toMatchObject({ value: 2 });
  expect(await ask(COUNT)).toMatchObject({ value: 3 });
});

test.each([
  [{ bad: "failed", good: "delivered" }, 0.25, 4],
  [{ good: "delivered", total: "delivered|failed" }, 0.75, 4],
  [{ bad: "FAILED/i", total: "webhook" }, 0, 4],
  [{ bad: "/FAILED/i", total: "webhook" }, 0.25, 4],
  [{ bad: "(?i)FAILED", total: "webhook" }, 0.25, 4],
])("%j is a share", async (query, value, samples) => {
  const { ask, append } = await watched(query);
  await append(
    "webhook delivered",
    "webhook failed",
    "x",
    "webhook delivered",
    "webhook delivered",
  );
  expect(await ask(query)).toMatchObject({ kind: "value", value, samples });
  expect(logDriver.unit(logQuery.parse(query))).toBe("ratio");
});

test("a share without lines to judge is no data, and says when its pattern never matched", async () => {
  const query = { bad: "failed", good: "delivered" };
  const { ask, append, tick } = await watched(query);
  await append("x", "y");
  expect(await ask(query)).toMatchObject({
    kind: "noData",
    why: expect.stringContaining("matched none of 2 lines ever read"),
  });
  await append("delivered");
  expect(await ask(query)).toMatchObject({ value: 0 });
  tick(2 * WINDOW);
  await append("z");
  const later = await ask(query);
  expect(later).toMatchObject({ kind: "noData" });
  expect(later).not.toHaveProperty("why", expect.stringContaining("ever"));
});

test("more good lines than lines at all is an error, because it could only pass", async () => {
  const query = { good: "ok", total: "request" };
  const { ask, append } = await watched(query);
  await append("ok", "ok", "request");
  expect(await ask(query)).toMatchObject({ kind: "error" });
});

test.each([
  [0.5, 0.0505],
  [0.95, 0.0955],
  [0, 0.001],
  [1, 0.1],
])("the %d quantile of 1 to 100 ms is %d s", async (quantile, value) => {
  const query = { quantile, of: "latency=(\\d+)ms", in: "ms" };
  const { ask, append } = await watched(query);
  const lines = Array.from({ length: 100 }, (_, index) => `done latency=${100 - index}ms`);
  await append("other", ...lines);
  const sample = await ask(query);
  expect(sample).toMatchObject({ kind: "value", samples: 100 });
  expect(sample.kind === "value" && Math.abs(Number(sample.value) - value)).toBeLessThan(0.0005);
});

test("a number that is none is an error", async () => {
  const query = { quantile: 0.5, of: "latency=(\\S+)" };
  const { ask, append } = await watched(query);
  await append("latency=3", "latency=-");
  expect(await ask(query)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("no number on 1 lines"),
  });
});

test("`where` leaves other lines out, but they show that the log lives", async () => {
  const query = { count: "ERROR", where: "canary" };
  const { ask, append } = await watched(query);
  await append("stable ERROR", "canary ERROR", "canary fine");
  expect(await ask(query)).toMatchObject({ value: 1, samples: 2 });
});

test("personal data is counted and told by class, place and hash alone", async () => {
  const query = { scan: ["email", "ip"], allow: ["ops@example.com"], where: "webhook" };
  const { ask, append, path, tick } = await world({}, ["1", "2", "3"]);
  await ask(query);
  await append(
    "webhook sent to jane.doe@example.com from 203.0.113.9",
    "login by joe@example.com",
    "webhook told ops@example.com",
  );
  tick(WINDOW);
  const sample = await ask(query);
  expect(sample).toMatchObject({ kind: "value", value: 2, samples: 2 });
  const finds = sample.kind === "value" ? sample.finds : [];
  expect(finds).toEqual([
    expect.stringMatching(/^email, ip in line 4 of app\.log \(sha256 [\da-f]{16}\)$/),
  ]);
  expect(JSON.stringify(sample)).not.toMatch(/jane|203\.0|@/);
  await rename(path, `${path}.1`);
  await writeFile(path, "webhook a\nwebhook b\nwebhook to bob@example.com\n");
  const after = await ask(query);
  expect(after.kind === "value" ? after.finds?.[1] : "").toContain("line 3 of app.log");
});

test("a window is needed", async () => {
  const { ask } = await world({ time: TIME });
  expect(await ask(COUNT, 0)).toMatchObject({
    kind: "noData",
    why: expect.stringContaining("over 5m"),
  });
});

test.each([
  ["a folder", (path: string) => path.replace(/app\.log$/, ""), "no file"],
  ["a pipe without a writer", (path: string) => `${path}.pipe`, "no file"],
])("%s is no log", async (_, place, why) => {
  const { path } = await world();
  execFileSync("mkfifo", [`${path}.pipe`]);
  const source = logDriver.open({ file: place(path) });
  onTestFinished(() => source.close());
  const sample = await source.sample(COUNT, WINDOW, driverContext());
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining(why) });
});

test("lines are counted when they come, not when they are asked for", async () => {
  const { path, append } = await world();
  const source = logDriver.open({ file: path });
  onTestFinished(() => source.close());
  let [looks, time] = [0, Date.now()];
  const now = (): number => {
    looks += 1;
    return time;
  };
  const ask = (): Promise<Sample> => source.sample(COUNT, WINDOW - 1, { ...driverContext(), now });
  await ask();
  await append("ERROR of a test that fails on purpose");
  const seen = looks;
  await expect.poll(() => looks - seen, { timeout: 10_000 }).toBeGreaterThan(1);
  time += WINDOW;
  await append("fine");
  expect(await ask()).toMatchObject({ value: 0, samples: 1 });
});

test("the same question by several conditions reads the log once", async () => {
  const { ask, append, tick } = await world();
  await Promise.all([ask(COUNT), ask(COUNT, 1000)]);
  await append("ERROR", "ERROR");
  tick(WINDOW);
  const both = await Promise.all([ask(COUNT), ask(COUNT), ask(COUNT)]);
  expect(both.map((sample) => sample.kind === "value" && sample.value)).toEqual([2, 2, 2]);
});

test.each([
  [{}, "state a `count`"],
  [{ count: "a", scan: ["ip"] }, "two metrics"],
  [{ bad: "a" }, "needs the `total`"],
  [{ total: "a" }, "needs `bad` or `good`"],
  [{ bad: "a", good: "b", total: "c" }, "leave out one"],
  [{ quantile: 0.5 }, "needs `of`"],
  [{ count: "a", of: "(b)" }, "`of` goes with `quantile`"],
  [{ quantile: 0.5, of: "latency" }, "into parentheses"],
  [{ quantile: 0.5, of: "(a)(b)" }, "into parentheses"],
  [{ quantile: 0.5, of: "(a", in: "ms" }, "does not parse"],
  [{ scan: ["phone"] }, "Invalid option"],
])("the keys %j are refused", (query, message) => {
  expect(JSON.stringify(logQuery.safeParse(query).error?.issues)).toContain(message);
});
