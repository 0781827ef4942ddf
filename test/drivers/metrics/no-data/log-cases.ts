import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { Sample } from "../../../../src/core/sample.ts";
import { logDriver } from "../../../../src/drivers/metrics/log.ts";
import { logQuery } from "../../../../src/drivers/metrics/log/log-query.ts";
import { driverContext } from "../../../support/driver-context.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

interface Log {
  /** Lines by how many seconds ago they were written. */
  readonly lines: ReadonlyArray<readonly [ago: number, text: string]>;
  readonly query: object;
  readonly config?: object;
  /** What else is done with the log's path before it is asked. */
  readonly prepare?: (file: string) => unknown;
}

async function askLog({ lines, query, config = {}, prepare }: Log): Promise<Sample> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const file = join(folder.path, "app.log");
  const texts = lines.map(
    ([ago, text]) => `${new Date(Date.now() - ago * 1000).toISOString()} ${text}\n`,
  );
  if (lines.length > 0) await writeFile(file, texts.join(""));
  await prepare?.(file);
  const source = logDriver.open({ file, time: "^\\S+", ...config });
  onTestFinished(() => source.close());
  return await source.sample(logQuery.parse(query), 60_000, driverContext());
}

function one(
  situation: Situation,
  says: string,
  becomes: SourceCase["becomes"],
  why: string | number,
  log: Log,
): SourceCase {
  return { situation, says, becomes, why, ask: () => askLog(log) };
}

const count = { count: "ERROR" };
const share = { bad: "failed", good: "delivered" };
const p95 = { quantile: 0.95, of: "latency=(\\S+)", in: "ms" };

export const logCases: SourceCases = {
  source: "log",
  note: {
    connection: "{ type: log, file: /var/log/shop.log, time: '^(\\S+)' }",
    metrics: [
      "delivered: { connection: source, good: delivered, total: delivered|failed after, window: 5m, minSamples: 20 }",
      "p95: { connection: source, unit: s, quantile: 0.95, of: 'latency=(\\d+)', in: ms, window: 5m }",
      "leaks: { connection: source, where: '(?i)webhook', scan: [email, handle, ip], allow: ['@app'] }",
    ],
    gates: ["delivered >= 95%", "p95 < 3s", "leaks over stage == 0"],
    age: "the time of the newest line. With `time` a window reaches back before the rollout, also into the file before the last rotation; without it a line's time is its arrival, and a window has to be watched first. A log with nothing new says nothing, unless it may be `quiet`. With `host` the file is on another machine, behind ssh; with `workload` the lines of all Pods are read by `kubectl logs`",
    rights:
      "to read the file, on its machine with a POSIX shell; for a workload to get it, to list its Pods, and to get `pods/log` of them",
    proofs: [
      ["log/log.test.ts", "real files, rotated and truncated"],
      ["log/remote.test.ts", "real files behind a real sshd"],
      ["log/workload.test.ts", "a real API server, before a kubelet of ours"],
    ],
  },
  never: {
    byZero: "it divides only by lines that are there",
    several: "lines are added up",
    errorInside: "a line is only a line",
    refused: "a file answers nothing",
  },
  cases: [
    one("nothing", "lines, none of which match `count`", "value", 0, {
      lines: [[5, "fine"]],
      query: count,
    }),
    one("nothing", "not one line in the window", "noData", "nothing was written", {
      lines: [[90, "fine"]],
      query: count,
    }),
    one("nothing", "the same, with `quiet: true`", "value", 0, {
      lines: [[90, "fine"]],
      query: count,
      config: { quiet: true },
    }),
    one("nothing", "lines without times, not watched for a window yet", "noData", "not covered", {
      lines: [[5, "fine"]],
      query: count,
      config: { time: undefined },
    }),
    one("zeroByZero", "no line to judge", "noData", "matched none of 1 lines ever read", {
      lines: [[5, "fine"]],
      query: share,
    }),
    one("zeroByZero", "no line with a number", "noData", "no line with a number", {
      lines: [[5, "fine"]],
      query: p95,
    }),
    one("partial", "the window begins in a packed file", "noData", "not covered", {
      lines: [[5, "ERROR"]],
      query: count,
      prepare: (file) => writeFile(`${file}.1.gz`, "packed"),
    }),
    one(
      "dead",
      "lines, the newest of them older than `maxAge`",
      "stale",
      "the newest value is … s old",
      {
        lines: [[50, "ERROR"]],
        query: count,
      },
    ),
    one("hangs", "a pipe", "error", "is no file", {
      lines: [],
      query: count,
      prepare: (file) => execFileSync("mkfifo", [file]),
    }),
    one("gone", "no such file", "error", "there is no file", { lines: [], query: count }),
    one("other", "lines in which `time` finds no time", "error", "finds in none of them a time", {
      lines: [[5, "x"]],
      query: count,
      config: { time: "at=(\\S+)" },
    }),
    one("other", "`of` finds what is no number", "error", "no number on 1 lines", {
      lines: [[5, "latency=-"]],
      query: p95,
    }),
  ],
};
