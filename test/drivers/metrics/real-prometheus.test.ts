import { execFileSync } from "node:child_process";

import { expect, test, type TestContext } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import { prometheusDriver, type PrometheusQuery } from "../../../src/drivers/metrics/prometheus.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { ask, eventually, sandboxForTest } from "../../support/sandbox-client.ts";
import { hasPrometheus, prometheusForTest } from "../../support/sandbox-prometheus.ts";

function needPrometheus(context: TestContext): void {
  if (hasPrometheus()) return;
  if (process.env["CI"] === "true") throw new Error("no prometheus on the PATH: install it in CI");
  context.skip("no prometheus on the PATH");
}

const CANARY = 'version="canary"';
const errors: PrometheusQuery = {
  bad: `sum(increase(http_requests_total{${CANARY},status=~"5.."}[\${window}]))`,
  total: `sum(increase(http_requests_total{${CANARY}}[\${window}]))`,
};
const p95: PrometheusQuery = {
  query: `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{${CANARY}}[5s])))`,
};

interface World {
  readonly knobs: (knobs: object) => Promise<unknown>;
  readonly prometheus: string;
  readonly sample: (query: PrometheusQuery, window?: number, timeout?: number) => Promise<Sample>;
}

async function worldForTest(): Promise<World> {
  const { url } = await sandboxForTest();
  await ask(`${url}/router`, "PUT", { canary: 50 });
  const prometheus = await prometheusForTest(url);
  const source = prometheusDriver.open({ url: prometheus });
  return {
    prometheus,
    knobs: (knobs) => ask(`${url}/knobs`, "POST", knobs),
    sample: (query, window = 5000, timeout = 10_000) =>
      source.sample(query, window, driverContext({ signal: AbortSignal.timeout(timeout) })),
  };
}

function isValue(sample: Sample): boolean {
  return sample.kind === "value";
}

function isHigh(sample: Sample): boolean {
  return sample.kind === "value" && Number(sample.value) > 0.25;
}

test("healthy, error spike, several series, refused query, stopped", async (context) => {
  needPrometheus(context);
  const world = await worldForTest();
  // A canary without a 5xx has no such series in its range at first, or one that stays 0: both are a rate of 0.
  const healthy = await eventually(() => world.sample(errors), isValue);
  expect(healthy).toMatchObject({ kind: "value", value: 0 });
  expect(healthy).toHaveProperty("samples", expect.any(Number));
  const age = Date.now() - (healthy.kind === "value" ? (healthy.observedAt ?? 0) : 0);
  expect(age).toBeLessThan(5000);
  const fast = await eventually(() => world.sample(p95), isValue);
  expect(fast.kind === "value" && Number(fast.value) < 0.3).toBe(true);

  await world.knobs({ canary: { errorRate: 0.5, latencyMs: 600 } });
  expect((await eventually(() => world.sample(errors), isHigh)).kind).toBe("value");
  await eventually(
    () => world.sample(p95),
    (sample) => sample.kind === "value" && Number(sample.value) > 0.5,
  );

  expect(await world.sample({ query: "rate(http_requests_total[5s])" })).toMatchObject({
    kind: "error",
    why: expect.stringMatching(/series that differ in .*version \("canary", "stable"\)/),
  });
  expect(await world.sample({ query: "no_such_metric" })).toMatchObject({ kind: "noData" });
  expect(await world.sample({ query: "0 / (db_pool_size * 0)" })).toMatchObject({ kind: "noData" });
  expect(await world.sample({ query: "1 / (db_pool_size * 0)" })).toMatchObject({ kind: "error" });
  expect(await world.sample({ query: "sum(" })).toMatchObject({
    kind: "error",
    why: expect.stringContaining("parse error"),
  });
  expect(await world.sample({ query: "db_pool_size[5s]" })).toMatchObject({
    kind: "error",
    why: expect.stringContaining("gives a matrix"),
  });

  const pid = Number(
    execFileSync("pgrep", ["-f", `listen-address=${new URL(world.prometheus).host}`], {
      encoding: "utf8",
    }),
  );
  await freezeProcess(pid);
  expect(await world.sample(p95, 0, 500)).toMatchObject({ kind: "error" });
  process.kill(pid, "SIGKILL");
  const refused = await eventually(
    () => world.sample(p95),
    (sample) => sample.kind === "error" && sample.why.includes("refused"),
  );
  expect(refused.kind).toBe("error");
}, 60_000);

test("a target whose scrapes fail is stale at once, though its window still answers", async (context) => {
  needPrometheus(context);
  const world = await worldForTest();
  const long = { query: `sum(rate(http_requests_total{${CANARY}}[1m]))` };
  const both = { query: `${long.query} / sum(rate(http_requests_total{version="stable"}[1m]))` };
  await eventually(
    () => world.sample(both),
    ({ kind }) => kind === "value",
  );
  await world.knobs({ metricsStatus: 503 });
  for (const query of [long, both]) {
    const stale = await eventually(
      () => world.sample(query),
      ({ kind }) => kind !== "value",
    );
    expect(stale).toMatchObject({ kind: "stale", why: expect.stringContaining("ended") });
    expect(stale.kind === "stale" && stale.age < 50_000).toBe(true);
  }
  const share = await world.sample(errors, 60_000);
  expect(share.kind).toBe("stale");
  await world.knobs({ metricsStatus: null });
  const back = await eventually(
    () => world.sample(long),
    ({ kind }) => kind === "value",
  );
  expect(back.kind).toBe("value");
}, 60_000);

test("a target that repeats old values with their time is observed at that time", async (context) => {
  needPrometheus(context);
  const world = await worldForTest();
  await world.knobs({ staleMetrics: true });
  const since = Date.now();
  const old = await eventually(
    () => world.sample({ query: "db_pool_size" }),
    (sample) =>
      sample.kind === "value" &&
      sample.observedAt !== null &&
      Date.now() - sample.observedAt > 3000,
  );
  expect(old.kind === "value" && (old.observedAt ?? Infinity) < since + 1000).toBe(true);
}, 60_000);
