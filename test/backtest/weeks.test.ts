import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { runCanary } from "../e2e/support/run-canary.ts";
import { prometheusWithHistory, type History } from "../support/prometheus-history.ts";
import { folderForTest } from "../support/real-server.ts";
import { binomial, randomFrom } from "../support/simulate.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const FROM = Date.UTC(2026, 0, 5);
const INCIDENT = { from: FROM + DAY, to: FROM + DAY + 3 * 60 * MINUTE };
const BURST = 4;

interface Answer {
  readonly summary: {
    readonly counts: Readonly<Record<string, number>>;
    readonly quiet: { readonly rollouts: number; readonly alarms: number; readonly blind: number };
    readonly incidents: ReadonlyArray<{ readonly after: number | null }>;
  };
  readonly assumed: readonly string[];
  readonly calibrations: ReadonlyArray<{
    readonly looks: number;
    readonly designEffect: number;
    readonly margin: number;
    readonly ratio: number;
  }>;
}

test("three days of a real Prometheus: the incident is found, quiet time stays quiet, bursts are measured", async (context) => {
  const url = await prometheusWithHistory(context, threeDays());
  const folder = await folderForTest();
  await writeFile(join(folder, "plan.yaml"), planText(url));
  const times = ["--from", "2026-01-05", "--to", "2026-01-08"];
  const incident = ["--incident", `${iso(INCIDENT.from)}/${iso(INCIDENT.to)}`];
  const args = ["backtest", "--plan", "plan.yaml", ...times, ...incident];
  const [json, human] = await Promise.all([
    runCanary(folder, [...args, "--calibrate", "--json"]),
    runCanary(folder, [...args, "--every", "1d"]),
  ]);
  expect(json.code, json.stderr).toBe(0);
  const { summary, assumed, calibrations } = JSON.parse(json.stdout) as Answer;
  expect(summary.counts).toMatchObject({ refused: 0 });
  expect(summary.quiet.rollouts).toBeGreaterThan(20);
  expect(summary.quiet.alarms).toBeLessThanOrEqual(3);
  expect(summary.incidents[0]?.after).toBeLessThan(2 * 60 * MINUTE);
  expect(assumed).toEqual(["queue"]);
  expect(json.stderr).toContain("queue cannot be asked of the past");
  const [measured] = calibrations;
  expect(measured?.looks).toBeGreaterThan(3 * 720 - 100);
  expect(measured?.designEffect).toBeGreaterThan(BURST * 0.7);
  expect(measured?.designEffect).toBeLessThan(BURST * 1.5);
  expect(measured?.ratio).toBeCloseTo(1, 0);
  expect(human.code, human.stderr).toBe(0);
  expect(human.stdout).toMatch(/^2026-01-05T00:00:00Z {2}promoted after 2h$/mu);
  expect(human.stdout).toMatch(/^2026-01-06T00:00:00Z {2}ROLLED BACK in \w+ after .*stable/mu);
  expect(human.stdout).toMatch(/^3 rollouts: /mu);
}, 60_000);

test("wrong times are wrong usage, and a plan that is none is told", async () => {
  const folder = await folderForTest();
  await writeFile(join(folder, "plan.yaml"), planText("http://127.0.0.1:9"));
  const refused = async (...args: string[]): Promise<string> => {
    const exit = await runCanary(folder, ["backtest", "plan.yaml", ...args]);
    expect(exit.code).toBe(2);
    return exit.stderr;
  };
  expect(await refused()).toContain("--from is missing");
  expect(await refused("--from", "yesterday")).toContain("yesterday is no time");
  expect(await refused("--from", "1h", "--to", "2h")).toContain("1h is not before 2h");
  expect(await refused("--from", "1h", "--to", "2999-01-01")).toContain("2999-01-01 is not over");
  expect(await refused("--from", "1h", "--incident", "2h")).toContain("FROM/TO");
  // Nobody answers: no rollout could even start, and none counts as a good one.
  const silent = await runCanary(folder, ["backtest", "plan.yaml", "--from", "3h"]);
  expect(silent.stdout).toContain("would not have started: metric error_rate");
  expect(silent.stdout).toContain("no rollout of a quiet time was played to its end");
});

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** One request in five hundred fails, four at a time, by day more than by night; the canary five times as often for three hours. */
function threeDays(): History {
  const random = randomFrom(11);
  const counters = new Map<string, number[]>();
  for (let at = FROM - 10 * MINUTE; at <= FROM + 3 * DAY; at += MINUTE) {
    const day = 1 + 0.6 * Math.sin((2 * Math.PI * at) / DAY);
    for (const [version, share] of [["v1", 0.8] as const, ["v2", 0.2] as const]) {
      const requests = Math.round(6000 * share * day);
      const isBad = version === "v2" && at > INCIDENT.from && at <= INCIDENT.to;
      const errors = BURST * binomial(random, requests, ((isBad ? 5 : 1) * 0.002) / BURST);
      add(counters, `${version} 500`, errors);
      add(counters, `${version} 200`, requests - errors);
    }
  }
  const series = [...counters].map(([key, values]) => {
    const [version = "", code = ""] = key.split(" ");
    return { labels: { version, code }, values };
  });
  return { from: FROM - 10 * MINUTE, step: MINUTE, series };
}

function add(counters: Map<string, number[]>, key: string, count: number): void {
  const values = counters.get(key) ?? [];
  values.push((values.at(-1) ?? 0) + count);
  counters.set(key, values);
}

function planText(url: string): string {
  return `apiVersion: canary/v1
kind: Plan
name: weeks
connections:
  prometheus:
    type: prometheus
    url: ${url}
    arms: { canary: 'version="v2"', stable: 'version="v1"' }
  app: { type: openmetrics, url: "http://127.0.0.1:9/metrics" }
metrics:
  error_rate:
    connection: prometheus
    bad: 'sum(increase(http_requests_total{code="500",\${arm}}[2m]))'
    total: "sum(increase(http_requests_total{\${arm}}[2m]))"
    confidence: 95%
    designEffect: ${BURST}
  queue: { connection: app, gauge: queue_length, unit: count }
everyStage:
  soak: 1h
  within: 4h
  interval: 1m
  gates:
    - any: [error_rate <= 3x stable, error_rate < 0.1%]
    - queue < 10
stages:
  - name: one
  - name: two
triggers:
  rollback:
    - error_rate > 1.25x stable
`;
}
