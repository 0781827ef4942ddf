import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startFakeApi } from "../sinks/support/fake-api.ts";
import { afterTest } from "../support/after-test.ts";
import { folderForTest, runCanary } from "./support/run-canary.ts";
import { worldForTest } from "./support/world.ts";

function planText(
  mail: string,
  app: string,
  ahead: string,
  text = "You may notice nothing.",
): string {
  return `apiVersion: canary/v1
kind: Plan
name: noticed
connections:
  shop: { type: http, url: "\${sandbox.url}" }
  mail: { type: webhook, url: "${mail}" }
  app: { type: webhook, url: "${app}" }
messages:
  maintenance:
    subject: Scheduled maintenance at \${event.time}
    text: ${text}
    to: [mail, app]
checks:
  up: { http: "\${sandbox.url}/stable/healthz" }
  noticed: { announced: maintenance, ahead: ${ahead}, as: notice.json }
preflight: [noticed]
stages:
  - name: all
    soak: 1s
    interval: 300ms
    actions:
      - http:
          connection: shop
          PUT: /deploy/canary
          json: { replicas: 2 }
          read: { GET: /deploy/canary, json: replicas }
    checks: [up]
rollback: { verify: { checks: [up], within: 10s } }
`;
}

test.concurrent("a start waits for nobody who was not told: announce tells each place once, and the check wants it early enough", async () => {
  const world = await worldForTest();
  const answers = { app: 503 };
  const mail = await startFakeApi(() => ({ status: 204 }));
  const app = await startFakeApi(() => ({ status: answers.app }));
  afterTest(async () => {
    await mail[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });
  const path = join(world.folder, "plan.yaml");
  const write = (ahead: string, text?: string): void =>
    writeFileSync(path, planText(mail.url, app.url, ahead, text));
  write("0s");
  const announce = (...more: readonly string[]) =>
    runCanary(world.folder, [
      ...["announce", path, "--evidence", world.evidence, "--sandbox", world.sandbox.url],
      ...["--at", "2030-01-02T03:04:00Z", ...more],
    ]);
  const untold = await world.start(path).exit;
  expect([untold.code, untold.stdout + untold.stderr]).toEqual([
    20,
    expect.stringContaining("maintenance was not announced: canary announce PLAN"),
  ]);
  answers.app = 404;
  const half = await announce();
  expect(half.code, half.stdout).toBe(20);
  expect(half.stdout).toContain("told: maintenance to mail");
  expect(half.stdout).toContain("NOT TOLD: maintenance to app");
  const missing = await world.start(path).exit;
  expect(missing.stdout + missing.stderr).toContain("maintenance did not reach app");
  answers.app = 204;
  const whole = await announce();
  expect(whole.code, whole.stdout).toBe(0);
  expect(whole.stdout).toContain("was told: maintenance to mail");
  expect(mail.asked).toHaveLength(1);
  expect(JSON.stringify(mail.asked[0]?.json)).toContain("maintenance at 2030-01-02T03:04:00Z");

  write("24h");
  const early = await world.start(path).exit;
  expect([early.code, early.stdout + early.stderr]).toEqual([
    20,
    expect.stringContaining("it is early enough from"),
  ]);
  write("0s", "Something else.");
  const other = await world.start(path).exit;
  expect(other.stdout + other.stderr).toContain("another text was announced");
  expect((await world.state()).writes).toEqual([]);
  write("0s");
  const exit = await world.start(path).exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
});

test.concurrent("an announcement that no check asks for, to nobody, or of no message is told", async () => {
  const folder = folderForTest();
  const path = join(folder, "plan.yaml");
  const text = planText("http://127.0.0.1:9/a", "http://127.0.0.1:9/b", "24h");
  writeFileSync(path, text.replace("announced: maintenance", "announced: maintenence"));
  const lint = await runCanary(folder, ["lint", path]);
  expect(lint.stderr).toContain("did you mean maintenance?");
  writeFileSync(path, text.replace("    to: [mail, app]\n", ""));
  expect((await runCanary(folder, ["lint", path])).stderr).toContain("announced to nobody");
  writeFileSync(
    path,
    text.replace("preflight: [noticed]\n", "").replace(/^ {2}noticed: .*\n/mu, ""),
  );
  const none = await runCanary(folder, ["announce", path, "--sandbox", "http://127.0.0.1:9"]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("announced: MESSAGE")]);
  writeFileSync(path, text);
  const odd = await runCanary(folder, [
    ...["announce", path, "--sandbox", "http://127.0.0.1:9", "--at", "tomorrow"],
  ]);
  expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining("2026-12-01T10:00Z")]);
});
