import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const PLANS = resolve(import.meta.dirname, "../../plans");

/** The plan of a runbook, a scenario that breaks one thing of it, and what the rehearsal must say of that. */
const cases = [
  {
    plan: "spark-trading.yaml",
    scenario: "spark-trading-bist.yaml",
    says: [
      "warning BIST data gets old: bist_staleness = 45s (>= 30s)",
      "+00:38:00 gate bist_staleness < 60s: RED",
      "+00:41:00 TRIGGER BIST staleness: bist_staleness = 150s (> 120s)",
      "check stable-serves passed",
    ],
  },
  {
    plan: "scholarship-api.yaml",
    scenario: "scholarship-redis.yaml",
    says: [
      "+00:20:00 gate redis_errors == 0/s: RED",
      "+00:25:00 TRIGGER Redis errors: redis_errors = 0.5/s (> 0/s)",
      'PATCH /actions/variables/DEPLOY_FREEZE {"name":"DEPLOY_FREEZE","value":"canary of 2025.8.21"}: restored',
    ],
  },
  {
    plan: "codex-dominion.yaml",
    scenario: "codex-dominion-errors.yaml",
    says: ["TRIGGER error rate: error_rate = 6%"],
  },
  {
    plan: "deltacrown-webhooks.yaml",
    scenario: "deltacrown-pii-leak.yaml",
    says: ["TRIGGER PII leak: pii_leaks = 1 (> 0)"],
  },
  {
    plan: "onering-webhooks.yaml",
    scenario: "onering-backend-gone.yaml",
    says: ["TRIGGER backend is gone"],
  },
];

test.for(cases)(
  "$plan is rolled back in the scenario $scenario",
  async ({ plan, scenario, says }) => {
    const { code, stdout, stderr } = await runCanary(folderForTest(), [
      ...["rehearse", join(PLANS, plan)],
      ...["--scenario", join(PLANS, "scenarios", scenario)],
    ]);
    expect(code, stdout + stderr).toBe(30);
    for (const text of says) expect(stdout).toContain(text);
    expect(stdout).toContain("every value reads as before the rollout");
  },
);

test("scholarship-api is promoted in development although Redis fails", async () => {
  const { code, stdout, stderr } = await runCanary(folderForTest(), [
    ...["rehearse", join(PLANS, "scholarship-api.yaml"), "--set", "environment=development"],
    ...["--scenario", join(PLANS, "scenarios/scholarship-redis.yaml")],
  ]);
  expect(code, stdout + stderr).toBe(0);
});

test("spark-trading is promoted by its flag too, without touching the Ingress", async () => {
  const { code, stdout, stderr } = await runCanary(folderForTest(), [
    ...["rehearse", join(PLANS, "spark-trading.yaml"), "--set", "by=flag"],
  ]);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("traffic 100 %: flag v1.4.0");
  expect(stdout).not.toContain("ingress-nginx");
});
