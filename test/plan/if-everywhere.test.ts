import { expect, test } from "vitest";

import type { Json } from "../../src/core/units.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

/** Each `ONLY` stands on an item of another list. */
const PLAN = `apiVersion: canary/v1
kind: Plan
name: shop
params:
  env: { choices: [production, development], default: production }
  share: { type: share, default: 5%, min: 5%, max: 10% }
  window: { type: duration, default: 60m, min: 60m, max: 120m }
connections:
  api: { type: http, url: "http://localhost:8080" }
  hook: { type: webhook, url: "http://localhost:8081" }
  prometheus: { type: prometheus, url: "http://localhost:9090" }
metrics: { err: { unit: s, query: "max(errors)" }, lag: { unit: s, query: "max(lag)" } }
checks:
  up: { http: /up }
  redis: { http: /redis, ONLY }
  several: { steps: [ { http: /a }, { http: /b, ONLY }, { wait: 1s, ONLY } ] }
traffic:
  - flag: { set: { PUT: /flag, json: { percent: "\${traffic}" } }, read: { GET: /flag, json: percent } }
  - flag: { set: { PUT: /other, json: { percent: "\${traffic}" } }, read: { GET: /other, json: percent } }
    ONLY
preflight: [ up, several, { http: /before, ONLY } ]
everyStage:
  gates: [ err < 1s, { when: lag < 1s, ONLY } ]
  evidence: [ { run: [ date ], as: "every_\${stage.name}.txt", ONLY } ]
stages:
  - name: one
    traffic: "\${params.share}"
    soak: "\${params.window}"
    actions:
      - { http: { PUT: /x, json: { a: 1 } }, undo: none }
      - { http: { PUT: /y, json: { a: 1 } }, undo: none, ONLY }
    checks: [ up, redis ]
    gates:
      - { any: [ err < 2s, { when: lag < 2s, ONLY } ] }
      - { all: [ err < 3s, { when: lag < 3s, ONLY } ] }
    evidence: [ { table: [ err ], as: table.md, ONLY } ]
  - { name: two, traffic: 20%, soak: 1m, ONLY }
finish:
  - { http: { PUT: /z, json: { a: 1 } }, undo: none, ONLY }
triggers:
  rollback: [ err > 5s, { when: lag > 5s, ONLY } ]
  hold: [ { name: slow, when: lag > 4s, ONLY } ]
  page: [ { any: [ err > 6s, { when: lag > 6s, ONLY } ] } ]
  warn: [ { when: lag > 3s, ONLY } ]
rollback:
  actions: [ { http: { PUT: /clear, json: {} }, undo: none, ONLY } ]
  gradual: { shares: [ 5%, 0% ], every: 1m, ONLY }
  verify: { checks: [ up, { http: /after, ONLY } ], gates: [ err < 1s, { when: lag < 1s, ONLY } ] }
on:
  started: [ { to: hook }, { to: hook, text: begun, ONLY } ]
playbooks:
  calm:
    diagnose: [ { run: [ date ] }, { run: [ uptime ], ONLY } ]
    actions:
      - { http: { PUT: /calm, json: { a: 1 } }, undo: none }
      - { http: { PUT: /calmer, json: { a: 1 } }, undo: none, ONLY }
`;

const ONLY = "if: params.env == production";

function load(text: string, set: Readonly<Record<string, string>> = {}) {
  const options = { catalog: builtInDrivers(), set, useExamples: true };
  return loadPlan({ path: "plan.yaml", text }, options);
}

/** Without what differs anyway: the parameters. */
function planOf(text: string, env: string): Json {
  const { plan, diagnostics } = load(text, { env });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const { params: _params, ...rest } = JSON.parse(JSON.stringify(plan)) as Record<string, Json>;
  return rest;
}

/** The plan with its \`ONLY\` items written without \`if\`, or left out by hand. */
test("`if` keeps an item of any list, as if it were not there", () => {
  const whole = PLAN.replaceAll(/,?\s*ONLY/g, "");
  expect(planOf(PLAN.replaceAll("ONLY", ONLY), "production")).toEqual(planOf(whole, "production"));
});

test("`if` leaves an item of any list out, as if it were not written", () => {
  expect(PLAN.match(/ONLY/g)).toHaveLength(24);
  const left = JSON.stringify(planOf(PLAN.replaceAll("ONLY", ONLY), "development"));
  const gone = [
    ...["/redis", "/b", "/other", "/before", "/y", "/z", "/clear", "/after", "/calmer"],
    ...['metric":"lag', "every_one.txt", "table.md", 'name":"two', "slow", "begun", "uptime"],
  ];
  expect(gone.filter((word) => left.includes(`${word}"`))).toEqual([]);
  expect(left).toContain('"gradual":null');
  const kept = ["/up", "/a", "/flag", "/x", "/calm", 'metric":"err', 'name":"one', "date"];
  expect(kept.filter((word) => !left.includes(`${word}"`))).toEqual([]);
});

test("an `if` that is never true, or compares nothing, is told at its place", () => {
  const never = load(PLAN.replaceAll("ONLY", "if: params.env == staging")).diagnostics;
  const places = new Set(never.filter(({ code }) => code === "if-choice").map(({ line }) => line));
  expect(places.size).toBeGreaterThan(18);
  const vague = load(PLAN.replaceAll("ONLY", "if: production")).diagnostics;
  expect(vague.some(({ code }) => code === "if-syntax")).toBe(true);
});

test.each([
  ["share", "5%", null],
  ["share", "10%", null],
  ["share", "4%", "4% is less than 5%"],
  ["share", "25%", "25% is more than 10%"],
  ["window", "90m", null],
  ["window", "2h", null],
  ["window", "59m", "59m is less than 60m"],
  ["window", "121m", "121m is more than 120m"],
  ["window", "soon", "soon"],
])("a range is the operator's choice within its bounds: %s=%s", (name, value, problem) => {
  const { plan, diagnostics } = load(PLAN.replaceAll("ONLY", ONLY), { [name]: value });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (problem === null) {
    expect(errors).toEqual([]);
    expect(plan?.params[name]).toBe(value);
  } else {
    expect(errors).toMatchObject([{ code: "param-value", line: name === "share" ? 6 : 7 }]);
    expect(errors[0]?.message).toContain(problem);
    expect(plan).toBeNull();
  }
});
