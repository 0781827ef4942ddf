import { expect, test } from "vitest";

import { loadPlan } from "../../src/plan/load-plan.ts";
import { fakeCatalog } from "./fake-catalog.ts";
import { shopPlan } from "./support/shop-plan.ts";

function load(keys: string) {
  const text = shopPlan({
    connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'v="2"', stable: 'v="1"' } }
  api: { type: http, url: "http://localhost:8080" }`,
    metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: { bad: 'rate(errors{\${arm}}[5m])', total: 'rate(requests{\${arm}}[5m])', minSamples: 100, ${keys} }`,
    triggers: `
  rollback: [ p95 > 400ms, { all: [ error_rate > 1.1x stable, error_rate > 1% ] } ]`,
  });
  return loadPlan({ path: "p.yaml", text }, { catalog: fakeCatalog, set: {}, useExamples: true });
}

test.each([
  ["confidence: 95%", { confidence: 0.95 }],
  ["confidence: 99.9%, designEffect: 2.5", { confidence: 0.999, designEffect: 2.5 }],
])("%s is read", (keys, wanted) => {
  const { plan, diagnostics } = load(keys);
  expect(diagnostics).toEqual([]);
  expect(plan?.metrics["error_rate"]).toMatchObject(wanted);
});

test.each([
  ["confidence: 0.95", "0.95 has no %"],
  ["confidence: 100%", "100% is no confidence"],
  ["confidence: 5%", "5% is no confidence"],
  ["confidence: high", "high is not a share"],
  ["designEffect: 0.5", "0.5"],
  ["designEffect: 95%", "95%"],
])("%s is told with what to write", (keys, message) => {
  const { plan, diagnostics } = load(keys);
  expect(plan).toBeNull();
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.message).toContain(message);
  expect(diagnostics[0]?.fix).toMatch(/\w/);
});
