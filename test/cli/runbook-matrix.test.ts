import { expect, test } from "vitest";
import { parse } from "yaml";

import { rehearsePlan } from "../support/rehearse-plan.ts";

/**
 * Each gate and each trigger of a runbook, with that one thing broken: the metric is bad from the seventh minute of the
 * stage until `minutes`, and well again from then on, so that the old version can be verified.
 */
interface Case {
  readonly plan: "spark-trading" | "scholarship-api";
  readonly stage: string;
  readonly metric: string;
  readonly bad: string;
  readonly well: string;
  readonly minutes: number;
  readonly says: string;
}

const [BAD_FROM, PERIOD] = [7, 1];

function triggers(plan: Case["plan"], stage: string, lines: readonly string[]): readonly Case[] {
  return lines.map((line) => {
    const [metric = "", bad = "", well = "", grace = "", name = ""] = line.split("|");
    const minutes = BAD_FROM + Number(grace) + PERIOD;
    return { plan, stage, metric, bad, well, minutes, says: `TRIGGER ${name}: ${metric} = ${bad}` };
  });
}

function gates(
  plan: Case["plan"],
  stage: string,
  within: number,
  lines: readonly string[],
): readonly Case[] {
  return lines.map((line) => {
    const [metric = "", bad = "", well = "", gate = ""] = line.split("|");
    return { plan, stage, metric, bad, well, minutes: within + PERIOD, says: `gate ${gate}: RED` };
  });
}

const cases: readonly Case[] = [
  // metric | broken | well | grace in minutes | trigger
  ...triggers("spark-trading", "confidence", [
    "p95|450ms|25ms|0|P95 latency spike",
    "error_rate|4%|0.5%|0|high error rate",
    "bist_staleness|130s|10s|3|BIST staleness",
    "csp|60/s|0/s|0|CSP violation storm",
    "idempotency_conflicts|6%|0.5%|0|idempotency conflict storm",
    "pgbouncer|95%|40%|3|pgBouncer saturation",
    "p95|300ms|25ms|5|elevated P95 latency",
    "error_rate|2%|0.5%|5|elevated error rate",
    "db_p95|120ms|20ms|5|database slow queries",
  ]),
  ...triggers("scholarship-api", "phase-1", [
    "p95|260ms|110ms|10|P95 latency",
    "errors_5xx|1.5%|0.2%|10|5xx errors",
    "redis_errors|1/s|0/s|5|Redis errors",
    "limited_users|3%|0.5%|10|rate limit hits users",
    "fallback|12%|1%|10|OpenAI fallback",
    "db_pool|90%|40%|5|database pool",
  ]),
  // metric | broken | well | gate
  ...gates("spark-trading", "pilot", 30, [
    "p95|220ms|25ms|p95 < 200ms",
    "error_rate|1.2%|0.5%|error_rate < 1%",
    "ws_staleness|40s|10s|ws_staleness < 30s",
    "risk_blocks|1%|0.1%|risk_blocks < 0.5%",
    "idempotency_conflicts|2%|0.5%|idempotency_conflicts < 1%",
    "csp|1/s|0/s|any of `csp <= 2x baseline`, `csp < 0.1/s`",
  ]),
  ...gates("spark-trading", "confidence", 30, [
    "db_pool|75%|40%|db_pool < 70%",
    "outbox_lag|6s|1s|outbox_lag < 5s",
    "money_errors|1|0|money_errors over stage == 0",
    "position_duplicates|1|0|position_duplicates over stage == 0",
  ]),
  ...gates("spark-trading", "quarter", 30, [
    "db_p95|60ms|20ms|db_p95 < 50ms",
    "pgbouncer|85%|40%|pgbouncer < 80%",
    "bist_staleness|70s|10s|bist_staleness < 60s",
  ]),
  ...gates("spark-trading", "half", 30, [
    "memory|85%|40%|memory < 80%",
    "cpu|75%|40%|cpu < 70%",
    "wal_failures|1|0|wal_failures over stage == 0",
    "idempotency_latency|20ms|5ms|idempotency_latency < 10ms",
  ]),
  ...gates("spark-trading", "full", 60, [
    "p95|150ms|25ms|p95 <= 1.1x baseline",
    "log_errors|3|0|log_errors over stage == 0",
    "ws_staleness|40s|10s|ws_staleness < 30s",
  ]),
  ...gates("scholarship-api", "phase-1", 120, [
    "p95|230ms|110ms|p95 <= 220ms",
    "errors_5xx|0.8%|0.2%|errors_5xx <= 0.5%",
    "limited|1.5%|0.5%|limited <= 1%",
    "db_pool|80%|40%|db_pool <= 75%",
    "fallback|7%|1%|fallback <= 5%",
    "availability|99%|99.95%|availability >= 99.9%",
  ]),
];

test.for(cases)("$plan, $stage, $metric = $bad for $minutes minutes: rolled back", async (one) => {
  const { code, stdout, stderr } = await rehearse(one.plan, [
    "metrics:",
    `  ${one.metric}:`,
    `    - { stage: ${one.stage}, after: ${String(BAD_FROM)}m, value: ${one.bad}, samples: 5000 }`,
    `    - { stage: ${one.stage}, after: ${String(one.minutes)}m, value: ${one.well}, samples: 5000 }`,
  ]);
  expect(code, stdout + stderr).toBe(30);
  expect(stdout).toContain(one.says);
  expect(stdout).toContain("every value reads as before the rollout");
  expect(stdout).toContain("verified: the old version is healthy");
});

const failing = [
  { plan: "spark-trading", check: "canary-is-up", code: 30 },
  { plan: "spark-trading", check: "contract-spot", code: 30 },
  { plan: "spark-trading", check: "version-known", code: 20 },
  { plan: "scholarship-api", check: "limit-search", code: 20 },
  { plan: "scholarship-api", check: "own-origin", code: 20 },
  { plan: "scholarship-api", check: "limit-scholarships", code: 30 },
  { plan: "scholarship-api", check: "limit-everywhere", code: 30 },
  { plan: "scholarship-api", check: "redis-answers", code: 30 },
  { plan: "scholarship-api", check: "replay-refused", code: 30 },
  { plan: "scholarship-api", check: "cross-pod", code: 30 },
] as const;

test.for(failing)("$plan, $check fails: exit $code", async ({ plan, check, code }) => {
  const exit = await rehearse(plan, ["checks:", `  ${check}: [{ after: 0s, result: fail }]`]);
  expect(exit.code, exit.stdout + exit.stderr).toBe(code);
  expect(exit.stdout + exit.stderr).toContain(check);
});

const anomalies = [
  ["malicious-origin", "a malicious origin is let in"],
  ["security-headers", "security headers are gone"],
] as const;

test.for(anomalies)("scholarship-api, %s fails in phase 2: rolled back", async ([check, name]) => {
  const { code, stdout, stderr } = await rehearse("scholarship-api", [
    "checks:",
    `  ${check}:`,
    "    - { stage: phase-2, after: 7m, result: fail }",
    "    - { stage: phase-2, after: 12m, result: pass }",
  ]);
  expect(code, stdout + stderr).toBe(30);
  expect(stdout).toContain(`TRIGGER ${name}`);
});

async function rehearse(plan: string, lines: readonly string[]) {
  const { exit, text } = await rehearsePlan(plan, [], parse(lines.join("\n")) as object);
  return { code: exit, stdout: text, stderr: "" };
}
