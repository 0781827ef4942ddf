import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { backtest } from "../../src/backtest/backtest.ts";
import { composeEngine } from "../../src/cli/compose.ts";
import { loadPlanFile } from "../../src/cli/read-plan.ts";
import { readSecret } from "../../src/cli/read-secret.ts";
import type { Event } from "../../src/core/event.ts";
import { createHttp } from "../../src/drivers/http.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { measureTraffic } from "../../src/engine/measure-traffic.ts";
import type { PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { present } from "../support/present.ts";
import { prometheusWithHistory } from "../support/prometheus-history.ts";
import { folderForTest } from "../support/real-server.ts";

/** Values stand for so long, so that it does not matter when exactly in it they are asked. */
const STEP = 4000;

// A machine that is late by a second asks in the next step: then the samples were not the same.
const options = { timeout: 90_000, retry: 2 };

test(
  "a backtest decides as a live run over the same samples did, look for look",
  options,
  async (context) => {
    const from = Math.floor(Date.now() / STEP) * STEP - 60_000;
    const url = await prometheusWithHistory(context, history(from));
    const folder = await folderForTest();
    process.env["CANARY_STATE_DIR"] = join(folder, "state");
    const [healthy, failing] = await Promise.all([
      planFor(folder, url, "v2"),
      planFor(folder, url, "v3"),
    ]);
    const engine = await composeEngine({ evidence: folder, by: "test", observe: () => undefined });
    const { traffic } = await measureTraffic(engine, healthy, new AbortController().signal);
    expect(traffic.get("error_rate")?.requests).toBe(10_000);
    expect(traffic.get("error_rate")?.rate).toBeCloseTo(0.01, 3);
    // The first question comes in the first half of a step, the next in the second.
    await new Promise((resolve) => setTimeout(resolve, STEP + 300 - (Date.now() % STEP)));
    const lives = await Promise.all([live(folder, healthy), live(folder, failing)]);
    expect(lives.map(({ end }) => end)).toEqual(["promoted", "rolled-back"]);
    for (const [index, source] of [healthy, failing].entries()) {
      const run = present(lives[index]);
      const { rollouts } = await backtest(source, {
        from: run.from,
        to: Math.max(...lives.map(({ to }) => to)) + 1,
        every: 60_000,
        arms: {},
        incidents: [],
        calibrates: false,
        catalog: builtInDrivers(),
        http: createHttp({ rollout: "backtest", epoch: 0 }),
        secret: readSecret,
        store: createMemoryStore,
        onRollout: () => undefined,
      });
      const played = present(rollouts[0]);
      expect(played.end.kind).toBe(run.end);
      const decided = played.decisions
        .map(({ note }) => wordsOf(note))
        .filter((each) => each !== null);
      expect(decided).toEqual(run.decided);
      expect(decided.length).toBeGreaterThan(3);
    }
  },
);

/** The minutes around now: stable and `v2` fail once in a hundred, `v3` three times as often soon after now. */
function history(from: number): Parameters<typeof prometheusWithHistory>[1] {
  const steps = 45;
  const worse = 60_000 / STEP + 2;
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

interface Live {
  readonly from: number;
  readonly to: number;
  readonly end: string;
  readonly decided: readonly string[];
}

async function live(folder: string, source: PlanSource): Promise<Live> {
  const seen: Array<{ readonly at: number; readonly event: Event }> = [];
  const engine = await composeEngine({
    evidence: join(folder, "evidence", source.plan.name),
    by: "test",
    observe: ({ at, event }) => seen.push({ at, event }),
  });
  const outcome = await startRollout(engine, source, {
    signals: { onSignal: () => () => undefined },
    acceptLive: false,
    onRollout: () => Promise.resolve(),
  });
  const stopped = seen.findIndex(({ event }) => event.kind === "stopping");
  const decided = seen.slice(0, stopped < 0 ? undefined : stopped + 1);
  return {
    from: present(seen[0]).at,
    to: present(seen.at(-1)).at,
    end: outcome.kind === "ended" ? outcome.end.kind : outcome.kind,
    decided: decided.flatMap(({ event }) => wordsOf(event) ?? []),
  };
}

/** A decision with its figures; null for what is none. */
function wordsOf(event: Event): string | null {
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
