import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test, type TestContext } from "vitest";

import {
  alertmanagerForTest,
  firingAlert,
  type RealAlertmanager,
} from "../support/real-alertmanager.ts";
import type { CanaryProcess } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "./support/world.ts";

const PATIENCE = 60_000;
const SECRET = "planted-alerts-s3cret";

interface Started {
  readonly world: World;
  readonly alerts: RealAlertmanager;
  readonly log: string;
  readonly start: CanaryProcess;
}

/** A log is written all the time, as that of a service is: a silent one says nothing. */
async function started(context: TestContext): Promise<Started> {
  const alerts = await alertmanagerForTest(context);
  // Prometheus sends what fires again and again: that it goes on arriving is what a gate needs to know.
  const beat = (): Promise<unknown> =>
    alerts.post("alerts", [firingAlert({ alertname: "Watchdog" })]).catch(() => null);
  await beat();
  const beats = setInterval(() => void beat(), 500);
  context.onTestFinished(() => clearInterval(beats));
  const world = await worldForTest();
  const log = join(world.folder, "app.log");
  writeFileSync(log, "");
  const writer = setInterval(() => appendFileSync(log, "INFO request\n"), 100);
  context.onTestFinished(() => clearInterval(writer));
  const args = ["--set", `alertmanager=${alerts.url}`, "--set", `log=${log}`];
  const start = world.start("alerts.yaml", args, { ALERTS_PASSWORD: SECRET });
  return { world, alerts, log, start };
}

/** Everything that a rollout left in its folder, as one text. */
function leftBehind(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

test.concurrent(
  "no firing alert promotes, and the password of the Alertmanager is nowhere",
  async (context) => {
    const { world, start } = await started(context);
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    expect((await world.state()).traffic.canary).toBe(100);
    expect(leftBehind(world.evidence) + exit.stdout + exit.stderr).not.toContain(SECRET);
  },
  PATIENCE,
);

test.concurrent(
  "an alert of the service rolls back, and is told by name",
  async (context) => {
    const { world, alerts, start } = await started(context);
    await untilShare(world, 20);
    const alert = firingAlert({ alertname: "CheckoutSlow", service: "shop" });
    await alerts.post("alerts", [alert]);
    await expect
      .poll(() => start.stdout() + start.stderr(), { timeout: 20_000 })
      .toMatch(/rolling/i);
    await alerts.post("alerts", [{ ...alert, endsAt: new Date().toISOString() }]);
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    expect(exit.stdout + exit.stderr).toContain("CheckoutSlow since 2");
    await expectBaseline(world);
  },
  PATIENCE,
);

test.concurrent(
  "personal data in the log rolls back, and stands in nothing that is left behind",
  async (context) => {
    const { world, log, start } = await started(context);
    await untilShare(world, 20);
    appendFileSync(log, "INFO mail to jane.doe@example.com from 203.0.113.7\n");
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    expect(exit.stdout + exit.stderr).toMatch(/email, ip in line \d+ of app\.log \(sha256 \w+\)/);
    expect(leftBehind(world.evidence) + exit.stdout + exit.stderr).not.toMatch(/jane|203\.0/);
    await expectBaseline(world);
  },
  PATIENCE,
);
