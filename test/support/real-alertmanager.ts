import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { TestContext } from "vitest";

import { freePort } from "./free-port.ts";
import {
  answers,
  folderForTest,
  needProgram,
  startRealServer,
  type RealServer,
} from "./real-server.ts";

const PROGRAM = "prometheus-alertmanager";

export interface RealAlertmanager extends RealServer {
  readonly url: string;
  /** Sends `body` to a path below /api/v2. */
  readonly post: (path: string, body: unknown) => Promise<void>;
}

/** Debian's Alertmanager on a free port; an alert called Cause inhibits one called Effect. */
export async function alertmanagerForTest(context: TestContext): Promise<RealAlertmanager> {
  needProgram(context, PROGRAM);
  const folder = await folderForTest();
  const file = join(folder, "alertmanager.yml");
  const config = {
    route: { receiver: "none" },
    receivers: [{ name: "none" }],
    inhibit_rules: [
      { source_matchers: ["alertname=Cause"], target_matchers: ["alertname=Effect"] },
    ],
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = await startRealServer(
    PROGRAM,
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=${new URL(url).host}`,
      "--cluster.listen-address=",
    ],
    { isReady: () => answers(`${url}/-/ready`) },
  );
  return {
    url,
    ...server,
    async post(path, body) {
      const response = await fetch(`${url}/api/v2/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

/** An alert that fires from now on. */
export function firingAlert(labels: Readonly<Record<string, string>>): object {
  return { labels, startsAt: new Date().toISOString() };
}
