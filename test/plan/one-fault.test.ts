import { expect, test } from "vitest";

import { loadPlan } from "../../src/plan/load-plan.ts";
import { fakeCatalog } from "./fake-catalog.ts";

/** A plan without problems. Each fault below replaces or follows one of its lines, and is the only one that is told. */
const GOOD = `apiVersion: canary/v1
kind: Plan
name: small
params: { by: { choices: [a, b], default: a } }
connections:
  prom: { type: prometheus, url: http://localhost:9090 }
  cluster: { type: kubectl }
  api: { type: http, url: http://localhost }
metrics:
  p95: { unit: s, query: "max(p95)" }
checks:
  up: { http: /healthz }
  go: { confirm: all is well, if: params.by == a }
traffic: [{ ingress-nginx: { ingress: web } }]
everyStage: { soak: 10m, gates: [p95 < 1s] }
stages:
  - name: one
    traffic: 10%
    checks: [up]
    gates: [{ when: go confirmed, if: params.by == a }]
    actions:
      - scale: { workload: deployment/web, replicas: 1 }
    evidence:
      - { run: [date], as: date.txt }
triggers: { rollback: [p95 > 3s] }
rollback: { verify: { wait: 1m, gates: [p95 < 1s] } }
`;

function load(text: string) {
  const file = { path: "p.yaml", text };
  return loadPlan(file, { catalog: fakeCatalog, set: {}, useExamples: true });
}

test("the plan that the faults are put into has none", () => {
  expect(load(GOOD).diagnostics).toEqual([]);
});

type Fault = readonly [from: string, to: string, line: number, code: string, fix: string];

test.each<Fault>([
  // The plan itself.
  ["canary/v1", "canary/v2", 1, "wrong-value", "did you mean canary/v1?"],
  ["kind: Plan", "kind: Rollout", 2, "wrong-value", "write Plan"],
  ["name: small", "name: 5", 3, "wrong-type", 'write "5"'],
  ["name: small", "name: my plan", 3, "wrong-value", "use letters"],
  ["name: small", "name: small\nmetadata: {}", 4, "unknown-key", "did you mean name?"],
  ["name: small", "name: small\nmaxBlind: 10", 4, "wrong-value", "write 10s"],
  ["name: small", "name: small\ninterval: 0s", 4, "wrong-value", "write at least 1ms"],
  ["name: small", "name: small\nonRunnerLost: abort", 4, "wrong-value", "rollback or hold"],
  ["name: small", "name: small\nduring: {}", 4, "wrong-type", "before each item"],
  ["name: small", "name: small\non: { begun: [] }", 4, "unknown-event", "there is started"],
  [
    "name: small",
    "name: small\non: { started: [ { to: x } ] }",
    4,
    "unknown-connection",
    "there is",
  ],
  [
    "name: small",
    "name: small\non: { started: [ { run: [date], within: 1h } ] }",
    4,
    "missing-key",
    "add `ask:",
  ],
  ["name: small", "name: small\nabout: { links: [x] }", 4, "wrong-type", "write a map"],
  // Parameters.
  ["default: a }", "default: c }", 4, "param-value", "write a or b"],
  ["default: a }", "default: a, max: 3 }", 4, "param-value", "type: number"],
  ["{ by: {", "{ v: 1.10, by: {", 4, "wrong-type", 'write v: { default: "1.10" }'],
  ["{ by: {", "{ v: { default: 1.10 }, by: {", 4, "number-as-text", 'write "1.10"'],
  ["{ by: {", "{ v: {}, by: {", 4, "param-value", "add `default: …`"],
  // Connections and metrics.
  ["type: prometheus", "type: prometeus", 6, "unknown-type", "did you mean prometheus?"],
  ["type: prometheus", "type: local", 6, "not-supported", "remove it"],
  [
    "cluster: { type: kubectl }",
    "cluster: { contxt: x, type: kubectl }",
    7,
    "unknown-key",
    "did you mean context?",
  ],
  ["cluster: { type: kubectl }", "cluster: { context: x }", 7, "missing-key", "add `type: …`"],
  ["  api:", "  over: { type: log, file: x }\n  api:", 8, "bad-name", "choose another name"],
  ["unit: s, query", "unit: ms, query", 10, "wrong-value", "divide by 1000"],
  ["unit: s, query", "query", 10, "unit", "add `unit: s`"],
  ["unit: s, query", "unit: s, qurey: x, query", 10, "unknown-key", "did you mean query?"],
  ["unit: s, query", "unit: s, connection: cluster, query", 10, "which-connection", "prom"],
  [
    "unit: s, query",
    "unit: s, connection: prm, query",
    10,
    "unknown-connection",
    "did you mean prom?",
  ],
  ['query: "max(p95)"', 'bad: "x", total: "y"', 10, "unit", "write ratio"],
  ["unit: s, query", "unit: s, baseline: 5%, query", 10, "wrong-value", "200ms"],
  // Checks.
  ["up: { http:", "up: { htpp:", 12, "unknown-key", "did you mean http?"],
  ["up: { http: /healthz }", "up: { interval: 5s }", 12, "missing-key", "write one of http"],
  ["up: { http: /healthz }", "up: { steps: [] }", 12, "missing-key", "write a list of steps"],
  ["/healthz }", "/healthz, run: [a] }", 12, "two-kinds", "make two checks"],
  ["/healthz }", "/healthz, periodSeconds: 5 }", 12, "unknown-key", "did you mean interval?"],
  ["/healthz }", "/healthz, expect: { staus: 200 } }", 12, "unknown-key", "did you mean status?"],
  [
    "/healthz }",
    '/healthz, expect: { status: "200" } }',
    12,
    "wrong-type",
    "write 200 without quotes",
  ],
  ["/healthz }", "/healthz, as: logs/up.txt }", 12, "wrong-value", "without folders"],
  ["/healthz }", "/healthz, outputs: { v: json } }", 12, "wrong-type", "write { json: …"],
  ["{ http: /healthz }", "{ run: curl -f http://x }", 12, "wrong-value", "write a list"],
  ["all is well, if: params.by == a", "all is well, if: params.by == c", 13, "if-choice", "a, b"],
  [
    "all is well, if: params.by == a",
    "all is well, if: by == a",
    13,
    "if-syntax",
    "params.by == flag",
  ],
  [
    "all is well, if: params.by == a",
    "all is well, if: params.by == b",
    20,
    "check-off",
    "same `if`",
  ],
  // Traffic and stages.
  [
    "[{ ingress-nginx: { ingress: web } }]",
    "{ ingress-nginx: { ingress: web } }",
    14,
    "wrong-type",
    "put a `-`",
  ],
  [
    "ingress-nginx: { ingress: web }",
    "env-file: { file: f, set: {} }",
    14,
    "not-traffic",
    "ingress-nginx",
  ],
  ["ingress-nginx: {", "waves: 2, ingress-nginx: {", 14, "not-supported", "remove it"],
  ["everyStage: {", "everyStage: { name: x,", 15, "unknown-key", "soak"],
  ["traffic: 10%", "traffic: 10%\n    onRunnerLost: keep", 19, "wrong-value", "rollback or hold"],
  [
    "name: one",
    "nmae: one, name: one".replace(", ", "\n    "),
    17,
    "unknown-key",
    "did you mean name?",
  ],
  ["traffic: 10%", "traffic: 10", 18, "wrong-value", "write 10%"],
  ["traffic: 10%", "setWeight: 10", 18, "unknown-key", "did you mean traffic?"],
  ["checks: [up]", "checks: up", 19, "wrong-type", "write [ up ]"],
  ["checks: [up]", "checks: [up, up]", 19, "duplicate", "keep one"],
  ["checks: [up]", "checks: [up passes]", 19, "unknown-check", "write up"],
  ["checks: [up]", "checks: [up, p95]", 19, "unknown-check", "gates"],
  ["checks: [up]", "checks: [up, go]", 19, "wrong-value", "write go confirmed into `gates`"],
  ["checks: [up]", "checks: [{ confirm: well? }]", 19, "wrong-value", "confirmed into `gates`"],
  ["wait: 1m,", "wait: 1m, checks: [go],", 26, "wrong-value", "write go confirmed into `gates`"],
  ["if: params.by == a }]", "iff: params.by == a }]", 20, "unknown-key", "did you mean if?"],
  ["if: params.by == a }]", "for: 5m }]", 20, "condition-duration", "failureThreshold"],
  [
    "gates: [{ when: go confirmed,",
    "gates: [{ any: [], when: go confirmed,",
    20,
    "condition-shape",
    "keep one",
  ],
  [
    "gates: [{ when: go confirmed,",
    "gates: [previous, { when: go confirmed,",
    20,
    "no-previous",
    "write the gates out",
  ],
  // Actions.
  ["- scale: {", "- scael: {", 22, "unknown-key", "did you mean scale?"],
  [
    "- scale: { workload: deployment/web, replicas: 1 }",
    "- scale",
    22,
    "wrong-type",
    "write scale: { … }",
  ],
  ["replicas: 1", "replicas: one", 22, "wrong-type", "write a number"],
  ["replicas: 1", "replicas: 1.5", 22, "wrong-type", "whole number"],
  ["replicas: 1", "replicas: -1", 22, "wrong-value", "at least 0"],
  [", replicas: 1", "", 22, "missing-key", "add `replicas: …`"],
  ["deployment/web", "web", 22, "wrong-value", "write kind/name"],
  ["replicas: 1 }", 'replicas: "${params.bye}" }', 22, "unknown-param", "did you mean by?"],
  ["replicas: 1 }", 'replicas: "${outputs.n}" }', 22, "unknown-output", "add `outputs"],
  ["replicas: 1 }", "replicas: 1, connection: api }", 22, "which-connection", "write cluster"],
  [
    "replicas: 1 }",
    "replicas: 1 }\n        connection: cluster",
    23,
    "unknown-key",
    "write it inside",
  ],
  [
    "replicas: 1 }",
    "replicas: 1 }\n        undo: yes",
    23,
    "wrong-type",
    "none where there is nothing",
  ],
  ["replicas: 1 }", "replicas: 1 }\n        reversible: 1", 23, "wrong-type", "true or false"],
  ["replicas: 1 }", "replicas: 1 }\n        http: { GET: / }", 23, "two-kinds", "two actions"],
  [
    "replicas: 1 }",
    "replicas: 1 }\n      - traffic: release",
    23,
    "release",
    "move it to `finish`",
  ],
  // Evidence, triggers, rollback.
  ["run: [date], as: date.txt", "run: [date]", 24, "missing-key", "add `as: …`"],
  ["run: [date], as:", "table: p95, as:", 24, "wrong-type", "write table: [ p95 ]"],
  ["run: [date], as:", "table: [], as:", 24, "wrong-type", "write table: [ p95 ]"],
  ["run: [date], as:", "table: [p59], as:", 24, "unknown-metric", "did you mean p95?"],
  ["run: [date], as:", "table: [p95, p95], as:", 24, "duplicate", "keep one of them"],
  ["run: [date], as:", "table: [p95], rows: 3, as:", 24, "unknown-key", "there is if, as"],
  ["run: [date], as:", "table: [p95], run: [date], as:", 24, "two-kinds", "make two items"],
  ["run: [date], as", "metric: p59, as", 24, "unknown-metric", "did you mean p95?"],
  ["{ rollback: [p95 > 3s] }", "[p95 > 3s]", 25, "wrong-type", "group them"],
  ["rollback: [p95", "critical: [], rollback: [p95", 25, "unknown-key", "did you mean rollback?"],
  ["[p95 > 3s]", "[p95 > 3s, p95 > 3s]", 25, "duplicate", "another `name`"],
  ["[p95 > 3s]", "[{ when: p95 > 3s, severity: critical }]", 25, "unknown-key", "when, any, all"],
  ["verify: { wait", "verfy: { wait", 26, "unknown-key", "did you mean verify?"],
  [
    "rollback: { verify",
    "rollback: { gradual: { shares: [5] , every: 1m }, verify",
    26,
    "wrong-value",
    "write 5%",
  ],
])("%s → %s", (from, to, line, code, fix) => {
  expect(GOOD.split(from).length).toBeGreaterThan(1);
  const { plan, diagnostics } = load(GOOD.replace(from, () => to));
  expect(plan).toBeNull();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map((each) => [each.line, each.code])).toEqual([[line, code]]);
  expect(errors[0]?.fix).toContain(fix);
});
