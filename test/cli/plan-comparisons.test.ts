import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const PLAN = `apiVersion: canary/v1
kind: Plan
name: compare
connections:
  prometheus: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'version="2"', stable: 'version="1"' } }
  app: { type: http, url: "http://localhost:8080" }
  cluster: { type: kubectl }
metrics:
  error_rate:
    bad: 'sum(rate(http_requests_total{code=~"5..",\${arm}}[1m]))'
    total: 'sum(rate(http_requests_total{\${arm}}[1m]))'
    minSamples: 200
    confidence: 95%
checks:
  up: { http: http://localhost:8080/healthz }
traffic: [ { ingress-nginx: { ingress: web } } ]
stages:
  - name: pilot
    traffic: 1%
    soak: 10m
    checks: [ up ]
    gates: [ any: [ error_rate <= 2x stable, error_rate < 0.1% ] ]
triggers: { rollback: [ all: [ error_rate > 1.1x stable, error_rate > 0.1% ] ] }
rollback: { verify: { checks: [ up ] } }
`;

function preview(args: readonly string[]) {
  const folder = folderForTest();
  writeFileSync(join(folder, "plan.yaml"), PLAN);
  return runCanary(folder, ["plan", "plan.yaml", ...args]);
}

test("the preview says what comparisons can see, and asks for the traffic", async () => {
  const { code, stdout, stderr } = await preview([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("add --requests and --event-rate");
  expect(stdout).toContain("one like stable is proven by about 17 events");
});

test("with the traffic it says when, and warns of a stage that is too small", async () => {
  const { code, stdout } = await preview(["--requests", "100", "--event-rate", "0.1%"]);
  expect(code).toBe(0);
  expect(stdout).toContain("10x is found after");
  expect(stdout).toContain("WARNING: longer than the stage has");
});

test("as JSON it is data", async () => {
  const { stdout } = await preview(["--requests", "5000", "--event-rate", "0.5%", "--json"]);
  const { comparisons } = JSON.parse(stdout) as { comparisons: readonly unknown[] };
  expect(comparisons).toMatchObject([
    { stage: "pilot", place: "gate", confidence: 0.95, warning: null },
    { stage: "pilot", place: "trigger", settled: [{ ratio: 2 }, { ratio: 5 }, { ratio: 10 }] },
  ]);
});

test.each([
  [["--requests", "100"], "--requests alone"],
  [["--event-rate", "1%"], "--event-rate goes with --requests"],
  [["--requests", "many", "--event-rate", "1%"], "--requests many is no number"],
  [["--requests", "0", "--event-rate", "1%"], "--requests 0 is no number"],
  [["--requests", "9", "--event-rate", "0.1"], "--event-rate 0.1 has no %"],
  [["--requests", "9", "--event-rate", "0%"], "nothing can be compared"],
])("%o is wrong usage", async (args, message) => {
  const { code, stdout, stderr } = await preview(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

describe("a rehearsal of a comparison", () => {
  const rehearse = (text: string, scenario: string | null = null) => {
    const folder = folderForTest();
    writeFileSync(join(folder, "plan.yaml"), text);
    if (scenario === null) return runCanary(folder, ["rehearse", "plan.yaml"]);
    writeFileSync(join(folder, "scenario.yaml"), scenario);
    return runCanary(folder, ["rehearse", "plan.yaml", "--scenario", "scenario.yaml"]);
  };
  const bare = PLAN.replace(
    "any: [ error_rate <= 2x stable, error_rate < 0.1% ]",
    "error_rate <= 2x stable",
  );
  const plain = bare.replace("    confidence: 95%\n", "");

  const mean = bare
    .replace(
      /error_rate:\n[^]*?checks:/u,
      "error_rate: { unit: none, query: 'max(cost{${arm}})', window: 15s, confidence: 95% }\nchecks:",
    )
    .replace("error_rate > 0.1%", "error_rate > 9");

  test.each([
    ["at a confidence", bare],
    ["of two values", plain],
    ["of values, window by window,", mean],
  ])("%s promotes a canary that is like stable", async (_, text) => {
    const { code, stdout } = await rehearse(text);
    expect(code, stdout).toBe(0);
  });

  test("says of the canary what the scenario says, and lets stable be", async () => {
    const scenario =
      "apiVersion: canary/v1\nkind: Scenario\nmetrics:\n  error_rate:\n    - { stage: pilot, after: 2m, value: 4% }\n";
    const { code, stdout } = await rehearse(bare, scenario);
    expect(code, stdout).toBe(30);
    expect(stdout).toMatch(/stable 1?\d*2000 of \d+ \(0\.1%\).*proven more than 1\.1x at 95%/);
    expect((await rehearse(plain, scenario)).code).toBe(30);
  });
});
