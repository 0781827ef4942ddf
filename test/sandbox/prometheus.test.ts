import { describe, expect, test, type TestContext } from "vitest";

import { ask, eventually, sandboxForTest } from "../support/sandbox-client.ts";
import {
  hasPrometheus,
  prometheusForTest,
  queryPrometheus,
} from "../support/sandbox-prometheus.ts";

function needPrometheus(context: TestContext): void {
  if (hasPrometheus()) return;
  if (process.env["CI"] === "true") throw new Error("no prometheus on the PATH: install it in CI");
  context.skip("no prometheus on the PATH");
}

const errorRate =
  'sum by (version) (rate(http_requests_total{status=~"5.."}[5s])) / sum by (version) (rate(http_requests_total[5s]))';
const p95 =
  "histogram_quantile(0.95, sum by (le, version) (rate(http_request_duration_seconds_bucket[5s])))";

describe("a real Prometheus", () => {
  test("scrapes the sandbox, and sees errors, latency, lies and recovery", async (context) => {
    needPrometheus(context);
    const { url } = await sandboxForTest();
    await ask(`${url}/router`, "PUT", { canary: 50 });
    await ask(`${url}/knobs`, "POST", { canary: { errorRate: 0.5, latencyMs: 600 } });
    const prometheus = await prometheusForTest(url);
    const up = (): Promise<Map<string, number>> => queryPrometheus(prometheus, "up");

    const rates = await eventually(
      () => queryPrometheus(prometheus, errorRate),
      (values) => (values.get("canary") ?? 0) > 0.2,
    );
    expect(rates.get("canary")).toBeLessThan(0.8);
    expect(rates.get("stable")).toBe(0);
    const quantiles = await queryPrometheus(prometheus, p95);
    expect(quantiles.get("canary")).toBeGreaterThan(0.5);
    expect(quantiles.get("stable")).toBeLessThan(0.2);
    const types = await ask(`${prometheus}/api/v1/targets/metadata?metric=http_requests`);
    expect(types.json.data[0].type).toBe("counter");

    await ask(`${url}/knobs`, "POST", { lieMetrics: "garbage" });
    await eventually(up, (values) => values.get("") === 0);
    await ask(`${url}/knobs`, "POST", { lieMetrics: false });
    await eventually(up, (values) => values.get("") === 1);

    await ask(`${url}/knobs`, "POST", { deadTarget: true });
    const alive = await eventually(
      () => queryPrometheus(prometheus, "app_up"),
      (values) => values.get("canary") === 0,
    );
    expect(alive.get("stable")).toBe(1);
    const counted = await queryPrometheus(prometheus, "sum by (version) (http_requests_total)");
    expect(counted.get("canary")).toBeGreaterThan(0);
  }, 60_000);

  test("takes stale values at the time they carry", async (context) => {
    needPrometheus(context);
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { staleMetrics: true });
    const { json } = await ask(`${url}/metrics.json`);
    const prometheus = await prometheusForTest(url);
    const times = await eventually(
      () => queryPrometheus(prometheus, "timestamp(db_pool_size)"),
      (values) => values.size > 0,
    );
    expect(times.get("")).toBeCloseTo(json.timestamp, 2);
  }, 60_000);
});
