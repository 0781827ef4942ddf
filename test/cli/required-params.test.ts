import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

test("a required parameter takes its example where nothing is run, and only there", async () => {
  const folder = folderForTest();
  await runCanary(folder, ["init", "plan.yaml"]);
  expect(await runCanary(folder, ["lint", "plan.yaml"])).toMatchObject({
    code: 0,
    stdout: "plan.yaml: no problems\n",
    stderr: "plan.yaml: note: its way back was never drilled: canary drill plan.yaml\n",
  });
  const plan = await runCanary(folder, ["plan", "--plan", "plan.yaml"]);
  expect(plan.stdout).toContain(
    "kubectl set image deployment/my-service-canary app=my-service:v1.4.0",
  );
  const other = await runCanary(folder, ["plan", "plan.yaml", "--set", "version=v9"]);
  expect(other.stdout).toContain("app=my-service:v9");
  expect(await runCanary(folder, ["rehearse", "plan.yaml"])).toMatchObject({ code: 0 });
  const start = await runCanary(folder, ["start", "plan.yaml"]);
  expect(start).toMatchObject({ code: 2, stdout: "" });
  expect(start.stderr).toContain("add --set version=v1.4.0");
});

test("a rehearsal of a day takes no day, and a scenario's mistakes are told at their place", async () => {
  const folder = folderForTest();
  await runCanary(folder, ["init", "plan.yaml"]);
  const long = await runCanary(folder, ["rehearse", "plan.yaml", "--set", "soak=24h"]);
  expect(long.code, long.stderr).toBe(0);
  expect(long.stdout).toMatch(/^\+48:30:00 promoted/mu);
  expect(long.stderr).toMatch(/^a rehearsal of 2d30m in \S+: nothing was touched$/mu);
  writeFileSync(
    join(folder, "bad.yaml"),
    "apiVersion: canary/v1\nkind: Scenario\nmetrics:\n  eror_rate:\n    - { after: 5m, value: 9% }\n",
  );
  const bad = await runCanary(folder, ["rehearse", "plan.yaml", "--scenario", "bad.yaml"]);
  expect(bad).toMatchObject({ code: 2, stdout: "" });
  expect(bad.stderr).toContain("bad.yaml:4:3: error");
  expect(bad.stderr).toContain("did you mean error_rate?");
});
