import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { folderForTest, startCanary } from "../e2e/support/run-canary.ts";
import {
  deltacrownApp,
  deltacrownReceiver,
  WEBHOOK_SECRET,
} from "../support/runbooks/deltacrown.ts";
import { sayYes } from "../support/runbooks/person.ts";
import { writePrograms } from "../support/runbooks/programs.ts";
import { eventually } from "../support/sandbox-client.ts";
import { hasSshd, startSsh } from "../support/ssh-world.ts";

const PLAN = resolve(import.meta.dirname, "../../plans/deltacrown-webhooks.yaml");

/** `manage.py shell -c …`: what the page verifies in Django is asked of the stand-in of the application. */
const MANAGE = `import os, sys, urllib.request
urllib.request.urlopen(urllib.request.Request(open(os.path.dirname(os.path.abspath(__file__)) + "/app-url").read().strip() + "/verify", b"", method="POST"))
`;
const SYSTEMCTL = `#!/bin/sh
case "$*" in *show*) echo LoadState=loaded; echo ActiveState=active ;; esac
`;

test.skipIf(!hasSshd())("deltacrown-webhooks runs against its stand-ins to promoted", async () => {
  const folder = folderForTest();
  for (const name of ["etc", "log", "app"]) mkdirSync(join(folder, name));
  const [envFile, log, rxLog] = ["etc/production.env", "log/app.log", "log/rx.log"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const file of [log, rxLog]) writeFileSync(file, "");
  writeFileSync(envFile, "DEBUG=0\nNOTIFICATIONS_WEBHOOK_ENABLED=false\n");
  const receiver = await deltacrownReceiver(rxLog);
  const app = await deltacrownApp(envFile, log);
  const before = process.env["PATH"] ?? "";
  process.env["PATH"] = writePrograms(folder, {
    "app/manage.py": MANAGE,
    "app/app-url": app.url,
    "bin/systemctl": SYSTEMCTL,
  });
  onTestFinished(() => void (process.env["PATH"] = before));
  const ssh = await startSsh();
  onTestFinished(() => ssh[Symbol.asyncDispose]());
  const evidence = join(folder, "evidence");
  const canary = startCanary(
    folder,
    [
      ...["start", "--plan", planFor(folder, ssh.connection, { envFile, log, rxLog })],
      ...["--time-scale", "1/480", "--output", "plain", "--evidence", evidence],
      ...["--set", `app=${join(folder, "app")}`, "--set", `receiver=${receiver.url}`],
      ...["--set", `endpoint=${receiver.url}/inbound`],
    ],
    { env: { WEBHOOK_SECRET, WEBHOOK_STALE_SIGNATURE: "a".repeat(64) } },
  );
  const soaking = eventually(
    () => Promise.resolve(canary.stdout()),
    (text) => text.includes("soaking for"),
  );
  // From then on players pay, four times a second.
  let timer: NodeJS.Timeout | undefined;
  void soaking.then(() => (timer = setInterval(() => void app.deliver(), 250)));
  onTestFinished(() => clearInterval(timer));
  const exit = await sayYes(canary, folder, evidence, []);
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(readFileSync(envFile, "utf8")).toContain("NOTIFICATIONS_WEBHOOK_ENABLED=true");
  expect(exit.stdout + exit.stderr).not.toContain(WEBHOOK_SECRET);
});

/** The plan as it is, with the places of this machine. */
function planFor(
  folder: string,
  connection: object,
  { envFile, log, rxLog }: { envFile: string; log: string; rxLog: string },
): string {
  const text = readFileSync(PLAN, "utf8");
  const ssh = JSON.stringify({ type: "ssh", ...connection });
  const changed = text
    .replace("host: { type: ssh, host: deltacrown-prod }", `host: ${ssh}`)
    .replaceAll("/etc/deltacrown/production.env", envFile)
    .replace(
      "    host: deltacrown-prod\n    file: /var/log/deltacrown-prod.log",
      `    file: ${log}`,
    )
    .replace("/var/log/receiver.log", rxLog);
  expect(changed).not.toContain("deltacrown-prod }");
  const path = join(folder, "plan.yaml");
  writeFileSync(path, changed);
  return path;
}
