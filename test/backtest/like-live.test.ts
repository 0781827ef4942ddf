import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { backtest } from "../../src/backtest/backtest.ts";
import type { PastRollout } from "../../src/backtest/play-rollout.ts";
import { composeEngine } from "../../src/cli/compose.ts";
import { loadPlanFile } from "../../src/cli/read-plan.ts";
import { readSecret } from "../../src/cli/read-secret.ts";
import type { Note } from "../../src/core/event.ts";
import { createHttp } from "../../src/drivers/http.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { measureTraffic } from "../../src/engine/measure-traffic.ts";
import type { PlanSource } from "../../src/engine/ports.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { liveInVirtualTime } from "../support/live-in-virtual-time.ts";
import { pinnedPrometheus } from "../support/pinned-prometheus.ts";
import { present } from "../support/present.ts";
import { prometheusWithHistory } from "../support/prometheus-history.ts";
import { folderForTest } from "../support/real-server.ts";

const STEP = 4000;
const FROM = Date.UTC(2026, 0, 5);
const START = FROM + 15 * STEP;

/**
 * A live run asks a real Prometheus what is now, a backtest of the same time asks the same one about the past. The live
 * run's clock waits while it asks, and the server's now is that clock's: both look at the same samples at the same
 * instants, however slow the machine is.
 */
test("a backtest decides as a live run over the same samples did, look for look", async (context) => {
  let now = START;
  const real = await prometheusWithHistory(context, history(FROM));
  const { url, timeless } = await pinnedPrometheus(real, () => now);
  const folder = await folderForTest();
  process.env["CANARY_STATE_DIR"] = join(folder, "state");
  const composed = await composeEngine({ evidence: folder, by: "test", observe: () => undefined });
  const healthy = await planFor(folder, url, "v2");
  const { traffic } = await measureTraffic(composed, healthy, new AbortController().signal);
  expect(traffic.get("error_rate")?.requests).toBe(10_000);
  expect(traffic.get("error_rate")?.rate).toBeCloseTo(0.01, 3);
  for (const [version, end] of [
    ["v2", "promoted"],
    ["v3", "rolled-back"],
  ] as const) {
    const source = await planFor(folder, url, version);
    const asked = timeless();
    const lived = await liveInVirtualTime(source, {
      engine: composed,
      start: START,
      until: START + 120_000,
      onAsk: (at) => (now = at),
    });
    expect(timeless() - asked).toBeGreaterThan(10);
    const played = await backtested(source, timeless);
    expect([lived.end.kind, played.end.kind]).toEqual([end, end]);
    expect(decidedIn(played)).toEqual(decidedIn(lived));
    expect(decidedIn(played).length).toBeGreaterThan(3);
  }
});

async function backtested(source: PlanSource, timeless: () => number): Promise<PastRollout> {
  const before = timeless();
  const { rollouts } = await backtest(source, {
    from: START,
    to: START + 120_000,
    every: 120_000,
    arms: {},
    incidents: [],
    calibrates: false,
    catalog: builtInDrivers(),
    http: createHttp({ rollout: "backtest", epoch: 0 }),
    secret: readSecret,
    store: createMemoryStore,
    onRollout: () => undefined,
  });
  // It never asks what is now.
  expect(timeless()).toBe(before);
  return present(rollouts[0]);
}

function decidedIn({ decisions, from }: PastRollout): readonly string[] {
  return decisions.flatMap(({ at, note }) => {
    const words = wordsOf(note);
    return words === null ? [] : [`${at - from} ms: ${words}`];
  });
}

/** Three minutes: stable and `v2` fail once in a hundred, `v3` three times as often soon after the start. */
function history(from: number): Parameters<typeof prometheusWithHistory>[1] {
  const steps = 45;
  const worse = (START - from) / STEP + 2;
  const counter = (perStep: (step: number) => number): readonly number[] => {
    let sum = 1000;
    return Array.from({ length: steps }, (_, step) => (sum += perStep(step)));
  };
  const wobble = (step: number): number => ((step * 7) % 5) - 2;
  const series = (["v1", "v2", "v3"] as const).flatMap((version) => {
    const requests = version === "v1" ? 40_000 : 2000;
    const errors = (step: number): number =>
      Math.round(requests * (version === "v3" && step >= worse ? 0.03 : 0.01)) + wobble(step);
    return [
      { labels: { version, code: "500" }, values: counter(errors) },
      { labels: { version, code: "200" }, values: counter((step) => requests - errors(step)) },
    ];
  });
  return { from, step: STEP, series };
}

async function planFor(folder: string, url: string, version: string): Promise<PlanSource> {
  const path = join(folder, `${version}.yaml`);
  await writeFile(path, planText(url, version));
  const { source, diagnostics } = await loadPlanFile(
    path,
    {},
    { useExamples: true, sandbox: null },
  );
  return present(source, JSON.stringify(diagnostics));
}

function planText(url: string, version: string): string {
  const grown = (matchers: string): string => {
    const counter = `sum(http_requests_total{${matchers}})`;
    return `${counter} - ${counter.replace(/\)$/u, " offset 4s)")}`;
  };
  return `apiVersion: canary/v1
kind: Plan
name: like-live
connections:
  prometheus:
    type: prometheus
    url: ${url}
    arms: { canary: 'version="${version}"', stable: 'version="v1"' }
metrics:
  error_rate:
    bad: '${grown('code="500",${arm}')}'
    total: '${grown("${arm}")}'
    window: 4s
    confidence: 95%
    minSamples: 100
everyStage:
  soak: 6s
  within: 30s
  interval: 2s
  gates:
    - any: [error_rate <= 3x stable, error_rate < 0.1%]
    - error_rate < 10% for 2s
stages:
  - name: one
  - name: two
triggers:
  rollback:
    - error_rate > 1.5x stable
`;
}

/** A decision with its figures; null for what is none. */
function wordsOf(event: Note): string | null {
  switch (event.kind) {
    case "stage-started":
    case "soak-started":
    case "stage-passed":
    case "soak-restarted":
      return `${event.kind} ${event.stage}`;
    case "gate-judged":
      return `${event.gate}: ${event.outcome}: ${event.detail}`;
    case "compared":
      return `${event.place} ${event.condition}: ${event.detail}`;
    case "triggered":
      return `${event.trigger}: ${event.does}: ${event.detail}`;
    case "held":
      return `held: ${event.hold.why}`;
    case "stopping":
      return `stopping: ${event.cause.text}`;
    default:
      return null;
  }
}
