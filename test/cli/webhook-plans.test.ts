import { join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";
import { rehearsePlan } from "../support/rehearse-plan.ts";

const PLANS = resolve(import.meta.dirname, "../../plans");
const DELTACROWN = "deltacrown-webhooks.yaml";
const ONERING = "onering-webhooks.yaml";

/** Rehearses a plan with what goes wrong in it, written as the parts of a scenario. */
async function rehearse(plan: string, broken: object, ...more: readonly string[]) {
  const set = more.filter((word) => word !== "--set");
  const { exit, text } = await rehearsePlan(plan.replace(".yaml", ""), set, broken);
  return { code: exit, stdout: text };
}

/** A soak of two hours stands for the day: the windows are an hour long. */
const SHORT = ["--set", "soak=2h"] as const;
const later = (value: unknown) => [{ stage: "canary", after: "90m", value }];

test.for([
  ["deltacrown-pii-leak.yaml", DELTACROWN, "TRIGGER PII leak: pii_leaks = 1 (> 0)"],
  ["onering-backend-gone.yaml", ONERING, "TRIGGER backend is gone"],
] as const)("%s ends %s rolled back", async ([scenario, plan, says]) => {
  const { code, stdout } = await runCanary(folderForTest(), [
    ...["rehearse", join(PLANS, plan), "--scenario", join(PLANS, "scenarios", scenario)],
  ]);
  expect(code, stdout).toBe(30);
  expect(stdout).toContain(says);
  expect(stdout).toContain("every value reads as before the rollout");
});

describe("deltacrown-webhooks, one thing broken", () => {
  test.for(["settings", "flag"])("nothing, by %s: promoted", async (by) => {
    const { code, stdout } = await rehearse(DELTACROWN, {}, ...SHORT, "--set", `by=${by}`);
    expect(code, stdout).toBe(0);
  });

  test("deliveries fail for less than five minutes: told by the gate, and promoted", async () => {
    const dip = [...later("85%"), { stage: "canary", after: "94m", value: "99%" }];
    const metrics = { success_rate: dip.map((each) => ({ ...each, samples: 50 })) };
    const { code, stdout } = await rehearse(DELTACROWN, { metrics }, ...SHORT);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("gate success_rate >= 95%: RED");
  });

  test.for([
    ["p95", "2.1s", "warning slow webhooks"],
    ["cb_opens", 2, "warning breaker opens often"],
  ] as const)("%s is %s for five minutes: told, and promoted", async ([metric, value, says]) => {
    const metrics = { [metric]: [...later(value), { stage: "canary", after: "95m", value: 0 }] };
    const { code, stdout } = await rehearse(DELTACROWN, { metrics }, ...SHORT);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(says);
  });

  test.for([
    ["success_rate", "85%", "TRIGGER deliveries fail"],
    ["success_rate", "94%", "gate success_rate >= 95%: RED"],
    ["p95", "2s", "gate p95 < 2000ms: RED"],
    ["cb_opens", 5, "gate cb_opens over stage < 5: RED"],
    ["unsigned", 1, "gate unsigned over stage == 0: RED"],
  ] as const)("%s stays at %s: rolled back", async ([metric, value, says]) => {
    const samples = metric === "success_rate" ? { samples: 50 } : {};
    const metrics = { [metric]: later(value).map((each) => ({ ...each, ...samples })) };
    const { code, stdout } = await rehearse(DELTACROWN, { metrics }, ...SHORT);
    expect(code, stdout).toBe(30);
    expect(stdout).toContain(says);
  });

  test.for(["success-path", "retry-path", "no-retry-path", "breaker", "stale-rejected"])(
    "%s fails: rolled back",
    async (check) => {
      const checks = { [check]: [{ stage: "canary", after: "0s", result: "fail" }] };
      const { code, stdout } = await rehearse(DELTACROWN, { checks }, ...SHORT);
      expect(code, stdout).toBe(30);
      expect(stdout).toContain(`check ${check} failed`);
    },
  );

  test("one more attempt after it was switched off: nobody says that it is off", async () => {
    const metrics = { pii_leaks: later(1), attempts: later(1) };
    const { code, stdout } = await rehearse(DELTACROWN, { metrics }, ...SHORT);
    expect(code, stdout).toBe(40);
  });

  test.for(["mail-arrived", "receiver-stable", "team-confident"])(
    "the answer to %s is no: rolled back",
    async (confirm) => {
      const words = [{ after: "100m", stage: "canary", confirm, yes: false }];
      const { code, stdout } = await rehearse(DELTACROWN, { words }, ...SHORT);
      expect(code, stdout).toBe(30);
    },
  );
});

describe("onering-webhooks, one thing broken", () => {
  const quickly = ["--set", "soak=10m"] as const;

  test.for(["stages", "canary-launch"])("nothing, by %s: promoted", async (by) => {
    const { code, stdout } = await rehearse(ONERING, {}, ...quickly, "--set", `by=${by}`);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("disable the canary key");
  });

  test.for([
    ["dead_exceeded", true, "dead-letters"],
    ["replay_exceeded", true, "replay-rejections"],
    ["latency_exceeded", true, "not-delivered"],
    ["rate_limits", 101, "rate-limits"],
  ] as const)("%s is %s: held with its playbook, until a person aborts", async (broken) => {
    const [metric, value, playbook] = broken;
    const metrics = { [metric]: [{ stage: "delivery", after: "2m", value }] };
    const words = [{ stage: "delivery", after: "4m", abort: "not today" }];
    const { code, stdout } = await rehearse(ONERING, { metrics, words }, ...quickly);
    expect(code, stdout).toBe(31);
    expect(stdout).toContain(`canary playbook ${playbook} rehearsal`);
    expect(stdout).toContain("every value reads as before the rollout");
  });

  test.for([
    ["external-api", "auth_failures", 51, "gate auth_failures <= 50: RED"],
    ["external-api", "log_errors", 1, "gate log_errors over stage == 0: RED"],
    ["webhooks", "delivered", 3, "gate any of `delivered <= 1x baseline`, `delivered < 1`: RED"],
    ["delivery", "latency_p90", "6s", "gate latency_p90 <= 5s: RED"],
  ] as const)("in %s %s stays at %s: rolled back", async ([stage, metric, value, says]) => {
    const metrics = { [metric]: [{ stage, after: "2m", value }] };
    const { code, stdout } = await rehearse(ONERING, { metrics }, ...quickly);
    expect(code, stdout).toBe(30);
    expect(stdout).toContain(says);
  });

  test.for([
    ["external-api", "me"],
    ["webhooks", "events-logged"],
    ["delivery", "smoke"],
    ["delivery", "worker"],
  ] as const)("in %s the check %s fails: rolled back", async ([stage, check]) => {
    const checks = { [check]: [{ stage, after: "0s", result: "fail" }] };
    const { code, stdout } = await rehearse(ONERING, { checks }, ...quickly);
    expect(code, stdout).toBe(30);
    expect(stdout).toContain(`check ${check} failed`);
  });
});
