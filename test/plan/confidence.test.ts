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

/** A cost of each arm, compared by its values. */
function loadCost(keys: string) {
  const text = shopPlan({
    connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'v="2"', stable: 'v="1"' } }
  api: { type: http, url: "http://localhost:8080" }`,
    metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket{\${arm}}[5m]))', ${keys} }
  error_rate: { bad: 'rate(errors{\${arm}}[5m])', total: 'rate(requests{\${arm}}[5m])', minSamples: 100 }`,
    triggers: `
  rollback: [ p95 > 1.1x stable, error_rate > 3% ]`,
  });
  return loadPlan({ path: "p.yaml", text }, { catalog: fakeCatalog, set: {}, useExamples: true });
}

test("the most that a value may be is read in the unit of its metric", () => {
  const { plan, diagnostics } = loadCost("confidence: 95%, max: 500ms");
  expect(diagnostics).toEqual([]);
  expect(plan?.metrics["p95"]).toMatchObject({ compares: "means", max: 0.5 });
});

test.each([
  ["confidence: 95%, max: 0s", "max 0s is not above 0"],
  ["confidence: 95%, max: 5%", "5%"],
  ["max: 500ms", "has a `max` but no `confidence`"],
])("%s is told with what to write", (keys, message) => {
  const { diagnostics } = loadCost(keys);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.message).toContain(message);
  expect(diagnostics[0]?.fix).toMatch(/\w/);
});

test("a bound of what is compared by its counts bounds nothing, and is told", () => {
  const { diagnostics } = load("confidence: 95%, max: 50%");
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.message).toContain("compared by what it counts");
});
