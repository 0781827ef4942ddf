import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { backtest } from "../../src/backtest/backtest.ts";
import type { PastRollout } from "../../src/backtest/play-rollout.ts";
import { loadPlanFile } from "../../src/cli/read-plan.ts";
import { readSecret } from "../../src/cli/read-secret.ts";
import { createHttp } from "../../src/drivers/http.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { present } from "../support/present.ts";
import {
  prometheusWithHistory,
  type History,
  type HistorySeries,
} from "../support/prometheus-history.ts";
import { folderForTest } from "../support/real-server.ts";
import { binomial, randomFrom } from "../support/simulate.ts";

const MINUTE = 60_000;
const FROM = Date.UTC(2026, 0, 5);
const LATER = FROM + 120 * MINUTE;
const TO = FROM + 240 * MINUTE;

/** Each form of comparison, in two hours in which the versions are alike, and in two in which the canary is not. */
test("slow requests by their histogram, a mean, and the split of the traffic", async (context) => {
  const url = await prometheusWithHistory(context, fourHours());
  const bucket = (le: string): string => `sum(increase(latency_bucket{le="${le}",\${arm}}[2m]))`;
  const slow = `{ bad: '${bucket("+Inf")} - ${bucket("0.3")}', total: '${bucket("+Inf")}', confidence: 95% }`;
  const cost = `{ unit: none, query: 'sum(cost{\${arm}})', window: 1m, confidence: 95% }`;
  const [fast, worse] = await halves(url, {
    metric: `seen: ${slow}`,
    gate: "seen < 50%",
    trigger: "seen > 1.25x stable",
  });
  expect(fast.end).toEqual({ kind: "promoted" });
  expect(causeOf(worse)).toMatch(
    /seen: canary \d+ of \d+ \(1\d\.?\d*%\), stable \d+ of \d+ \([45]\.?\d*%\): [23]\.?\d*x stable, at least \d.*; proven more than 1\.25x at 95%/u,
  );
  const [cheap, dear] = await halves(url, {
    metric: `seen: ${cost}`,
    gate: "seen < 100",
    trigger: "seen > 1.1x stable",
  });
  expect(cheap.end).toEqual({ kind: "promoted" });
  expect(causeOf(dear)).toMatch(
    /seen: canary [\d.]+, stable [\d.]+ over \d+ windows: 1\.[34]\d*x stable, at least about 1\.\d+x.*; proven more than 1\.1x at about 95%/u,
  );
  const [low, high] = await halves(url, {
    metric: `seen: ${cost.replace(" }", ", max: 6 }")}`,
    gate: "seen < 100",
    trigger: "seen > 1.1x stable",
  });
  expect(low.end).toEqual({ kind: "promoted" });
  expect(causeOf(high)).toMatch(/seen: canary [\d.]+, stable .*proven more than 1\.1x at 95%/u);
  const split = slow.replace(" }", ", splitTolerance: 30% }");
  const [even, uneven] = await halves(url, {
    metric: `seen: ${split}`,
    gate: "seen < 50%",
    trigger: "seen > 9x stable",
    share: 20,
  });
  expect(even.end).toEqual({ kind: "promoted" });
  expect(uneven.end).toMatchObject({ kind: "held" });
  expect(JSON.stringify(uneven.end)).toMatch(
    /gets more of the traffic than it should: \d+ of \d+ requests \(3\d\.?\d* %\) that seen counted, not 20 %/u,
  );
}, 60_000);

function causeOf({ end }: PastRollout): string {
  return end.kind === "rolled-back" ? end.cause.text : end.kind;
}

interface Form {
  readonly metric: string;
  readonly gate: string;
  readonly trigger: string;
  readonly share?: number;
}

/** The rollout of each half. */
async function halves(url: string, form: Form): Promise<readonly [PastRollout, PastRollout]> {
  const folder = await folderForTest();
  const path = join(folder, "plan.yaml");
  await writeFile(path, planText(url, form));
  const loaded = await loadPlanFile(path, {}, { useExamples: true, sandbox: null });
  const { rollouts } = await backtest(present(loaded.source, JSON.stringify(loaded.diagnostics)), {
    from: FROM,
    to: TO,
    every: 120 * MINUTE,
    arms: {},
    incidents: [],
    calibrates: false,
    catalog: builtInDrivers(),
    http: createHttp({ rollout: "backtest", epoch: 0 }),
    secret: readSecret,
    store: createMemoryStore,
    onRollout: () => undefined,
  });
  return [present(rollouts[0]), present(rollouts[1])];
}

function planText(url: string, { metric, gate, trigger, share }: Form): string {
  return `apiVersion: canary/v1
kind: Plan
name: forms
connections:
  cluster: { type: kubectl, context: test }
  prometheus:
    type: prometheus
    url: ${url}
    arms: { canary: 'version="v2"', stable: 'version="v1"' }
metrics:
  ${metric}
${share === undefined ? "" : "traffic: [ { ingress-nginx: { ingress: web } } ]"}
stages:
  - name: pilot
    soak: 100m
    interval: 1m
    gates: [ ${gate} ]
    ${share === undefined ? "" : `traffic: ${share}%`}
triggers:
  rollback: [ ${trigger} ]
`;
}

function fourHours(): History {
  const random = randomFrom(3);
  const series = new Map<
    string,
    { readonly of: Omit<HistorySeries, "values">; values: number[] }
  >();
  const add = (
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    sums: boolean,
  ): void => {
    const key = JSON.stringify([name, labels]);
    const entry = series.get(key) ?? { of: { name, labels }, values: [] };
    series.set(key, entry);
    entry.values.push(sums ? (entry.values.at(-1) ?? 0) + value : value);
  };
  for (let at = FROM - 5 * MINUTE; at <= TO; at += MINUTE) {
    const day = 2 + Math.sin(at / 1e6);
    for (const version of ["v1", "v2"]) {
      const isOff = version === "v2" && at > LATER;
      const requests = version === "v1" ? 4000 : isOff ? 2000 : 1000;
      const slow = binomial(random, requests, isOff ? 0.15 : 0.05);
      add("latency_bucket", { version, le: "0.3" }, requests - slow, true);
      add("latency_bucket", { version, le: "+Inf" }, requests, true);
      add("cost", { version }, day * (isOff ? 1.35 : 1) * (1 + 0.04 * (random() - 0.5)), false);
    }
  }
  const all = [...series.values()].map(({ of, values }) => ({ ...of, values }));
  return { from: FROM - 5 * MINUTE, step: MINUTE, series: all };
}
