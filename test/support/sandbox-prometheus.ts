import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterTest } from "./after-test.ts";
import { freePort } from "./free-port.ts";
import { eventually } from "./sandbox-client.ts";

/** Whether a `prometheus` can be run here. */
export function hasPrometheus(): boolean {
  return spawnSync("prometheus", ["--version"]).status === 0;
}

/** Alerts that Prometheus itself judges each second, and tells an Alertmanager (a URL) about. */
interface Alerting {
  readonly alertmanager: string;
  readonly rules: readonly {
    readonly alert: string;
    readonly expr: string;
    readonly labels: object;
  }[];
}

/** Starts a real Prometheus that scrapes `target` (a URL) each second, and gives its URL; it ends with the test. */
export async function prometheusForTest(target: string, alerting?: Alerting): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-prometheus-"));
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    scrape_configs: [
      { job_name: "sandbox", static_configs: [{ targets: [new URL(target).host] }] },
    ],
    ...(alerting === undefined
      ? {}
      : {
          rule_files: ["rules.yml"],
          alerting: {
            alertmanagers: [
              { static_configs: [{ targets: [new URL(alerting.alertmanager).host] }] },
            ],
          },
        }),
  };
  const groups = alerting === undefined ? [] : [{ name: "shop", rules: alerting.rules }];
  await writeFile(join(folder, "rules.yml"), JSON.stringify({ groups }));
  // JSON is YAML.
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      // An alert that was sent before the Alertmanager was found is told again soon, not in a minute.
      "--rules.alert.resend-delay=2s",
    ],
    { stdio: "ignore" },
  );
  const exited = once(child, "exit");
  afterTest(async () => {
    child.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  });
  const isReady = (): Promise<boolean> =>
    fetch(`http://${address}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
  await eventually(isReady, (ready) => ready || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
  return `http://${address}`;
}

/** The values of an instant query, by the `version` label. */
export async function queryPrometheus(url: string, query: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await response.json()) as {
    data: { result: Array<{ metric: Record<string, string>; value: [number, string] }> };
  };
  return new Map(
    body.data.result.map(({ metric, value }) => [metric["version"] ?? "", Number(value[1])]),
  );
}
