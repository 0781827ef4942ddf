import { expect, test } from "vitest";

import { loadScenario } from "../../../src/plan/scenario/load-scenario.ts";
import { quickPlan } from "../../support/engine-world.ts";

const { plan } = quickPlan();

function load(lines: string): ReturnType<typeof loadScenario> {
  const text = `apiVersion: canary/v1\nkind: Scenario\n${lines}`;
  return loadScenario({ path: "bad.yaml", text }, plan);
}

test("a scenario says when metrics, checks, writes and people do what", () => {
  const { scenario, diagnostics } = load(`
metrics:
  errors:
    - { stage: pilot, after: 2m, value: 0.2, samples: 50 }
    - { after: 1h, outcome: noData }
writes: [ { after: 0s, field: weight, result: unknown } ]
words:
  - { stage: all, after: 10s, abort: enough }
  - { after: 20s, hold: lunch }
  - { after: 30s, resume: true }
`);
  expect(diagnostics).toEqual([]);
  expect(scenario?.metrics["errors"]).toEqual([
    { stage: "pilot", after: 120_000, gives: { kind: "value", value: 0.2, samples: 50 } },
    { stage: null, after: 3_600_000, gives: { kind: "noData" } },
  ]);
  expect(scenario?.writes).toEqual([{ stage: null, after: 0, field: "weight", kind: "unknown" }]);
  expect(scenario?.words.map(({ word }) => word.kind)).toEqual(["abort", "hold", "resume"]);
});

test.for([
  ["metrics: { error: [ { after: 1s, value: 1 } ] }", 3, "errors"],
  ["metrics: { errors: [ { stage: pilt, after: 1s, value: 1 } ] }", 3, "pilot"],
  ["metrics: { errors: [ { after: 5, value: 1 } ] }", 3, "5s"],
  ["words: [ { after: 5s, confirm: go } ]", 3, null],
  ["words: [ { after: 5s, abort: x, hold: y } ]", 3, null],
  ["metrics: { errors: [ { after: 1s, value: 1, outcome: stale } ] }", 3, null],
  ["metric: {}", 3, "metrics"],
] as const)("%s is refused at line %i", ([lines, line, fix]) => {
  const { scenario, diagnostics } = load(lines);
  expect(scenario).toBeNull();
  expect(diagnostics[0]).toMatchObject({ file: "bad.yaml", line, severity: "error" });
  if (fix !== null) expect(diagnostics[0]?.fix).toContain(fix);
});

test("an unknown name is told at its key, and once", () => {
  const { diagnostics } = load("metrics:\n  error:\n    - { after: 1s, value: 9% }");
  expect(diagnostics).toMatchObject([{ code: "unknown-name", line: 4, col: 3 }]);
});

test("nothing that is no scenario throws", () => {
  for (const text of ["", "[", "kind: Plan", "- 1", "\0", "a: &a [*a]"])
    expect(loadScenario({ path: "x", text }, plan).scenario).toBeNull();
});
