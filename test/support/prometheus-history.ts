import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestContext } from "vitest";

import { freePort } from "./free-port.ts";
import { answers, folderForTest, needProgram, startRealServer } from "./real-server.ts";

/** A counter of a version and a status code, as it stood at each of equally distant times. */
export interface HistorySeries {
  /** `http_requests_total` where it is left out. */
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many times passed before its first value; none where it is left out. */
  readonly from?: number;
  readonly values: readonly number[];
}

export interface History {
  /** Unix milliseconds of the first value. */
  readonly from: number;
  /** Milliseconds between two values. */
  readonly step: number;
  readonly series: readonly HistorySeries[];
}

/** A real Prometheus that remembers `http_requests_total` and scrapes nothing; gives its URL. */
export async function prometheusWithHistory(
  context: TestContext,
  history: History,
): Promise<string> {
  needProgram(context, "prometheus");
  needProgram(context, "promtool");
  const folder = await folderForTest();
  const data = join(folder, "data");
  await mkdir(data);
  await writeFile(join(folder, "history.om"), openMetrics(history));
  const blocks = ["tsdb", "create-blocks-from", "openmetrics", join(folder, "history.om"), data];
  await promisify(execFile)("promtool", blocks, { maxBuffer: 1e8 });
  await writeFile(join(folder, "prometheus.yml"), "{}");
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${data}`,
    "--storage.tsdb.retention.time=10y",
    `--web.listen-address=${address}`,
  ];
  const isReady = (): Promise<boolean> => answers(`http://${address}/-/ready`);
  await startRealServer("prometheus", args, { isReady });
  return `http://${address}`;
}

function openMetrics({ from, step, series }: History): string {
  const lines: string[] = [];
  for (const { name = "http_requests_total", labels, from: first = 0, values } of series) {
    const names = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    for (const [at, value] of values.entries())
      lines.push(`${name}{${names.join(",")}} ${value} ${(from + (first + at) * step) / 1000}`);
  }
  return `${[...lines, "# EOF"].join("\n")}\n`;
}
