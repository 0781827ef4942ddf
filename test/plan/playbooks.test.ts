import { describe, expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

/** A plan with these playbooks, whose trigger offers the first. */
const plan = (playbooks: string, trigger = "err > 5s"): string => `apiVersion: canary/v1
kind: Plan
name: shop
params: { base: { default: "http://localhost:8080" } }
connections:
  admin: { type: http, url: "http://localhost:8080" }
  prometheus: { type: prometheus, url: "http://localhost:9090" }
metrics: { err: { unit: s, query: "max(errors)" } }
stages: [ { name: one, soak: 10m, gates: [ err < 1s ] } ]
triggers: { hold: [ ${trigger.includes("{") ? trigger : `{ when: ${trigger} }`} ] }
rollback: { verify: { gates: [ err < 1s ] } }
playbooks:${playbooks}
`;

interface Options {
  readonly set?: Readonly<Record<string, string>>;
  readonly playbook?: string;
}

function load(text: string, options: Options = {}) {
  const catalog = builtInDrivers();
  return loadPlan(
    { path: "plan.yaml", text },
    { catalog, set: {}, useExamples: false, ...options },
  );
}

const LIMITS = `
  limits:
    params: { key: { required: true, description: the key of the consumer } }
    recover: [ "tell the owner of \${params.key}" ]
    actions:
      - http: { connection: admin, PATCH: "/keys/\${params.key}/disable" }
        undo: { http: { connection: admin, PATCH: "/keys/\${params.key}/enable" } }`;

describe("a playbook", () => {
  test("has texts, a diagnosis and actions, with the plan's parameters filled in", () => {
    const { plan: loaded, diagnostics } = load(
      plan(
        `
  dead-letters:
    diagnose:
      - http: "\${params.base}/dead"
      - { metric: err, as: errors.txt }
    causes: [ consumer down, "wrong address: \${params.base}" ]
    recover: [ fix the consumer ]
    actions: [ { env-file: { file: /etc/flags.env, set: { ON: "0" } } } ]`,
        "{ name: dead letters, when: err > 5s, playbook: dead-letters }",
      ),
    );
    expect(diagnostics).toEqual([]);
    expect(loaded?.triggers).toMatchObject([{ name: "dead letters", playbook: "dead-letters" }]);
    expect(loaded?.playbooks).toMatchObject({
      "dead-letters": {
        name: "dead-letters",
        causes: ["consumer down", "wrong address: http://localhost:8080"],
        recover: ["fix the consumer"],
        diagnose: [
          { driver: "http", input: { http: "http://localhost:8080/dead" } },
          { driver: "metric", input: { metric: "err" }, as: "errors.txt" },
        ],
        actions: [{ id: "playbook/dead-letters/1-env-file", undo: "auto" }],
        asks: [],
      },
    });
  });

  test("leaves its own parameters open, until it is the one that is run", () => {
    const { plan: offered, diagnostics } = load(plan(LIMITS));
    expect(diagnostics).toEqual([]);
    expect(offered?.playbooks?.["limits"]).toMatchObject({
      asks: ["key"],
      recover: ["tell the owner of ${params.key}"],
      actions: [{ input: { PATCH: "/keys/${params.key}/disable" } }],
    });
    const run = load(plan(LIMITS), { playbook: "limits", set: { key: "k-7", base: "http://b" } });
    expect(run.diagnostics).toEqual([]);
    expect(run.plan?.params).toEqual({ base: "http://b" });
    expect(run.plan?.playbooks?.["limits"]).toMatchObject({
      recover: ["tell the owner of k-7"],
      actions: [
        {
          input: { PATCH: "/keys/k-7/disable" },
          undo: { input: { PATCH: "/keys/k-7/enable" } },
        },
      ],
    });
  });

  test("that is run says which of its parameters is missing, and takes no others", () => {
    expect(load(plan(LIMITS), { playbook: "limits" }).diagnostics).toMatchObject([
      { code: "param-required", line: 14, fix: "add --set key=…" },
    ]);
    const other = load(plan(LIMITS), { set: { key: "k-7" } });
    expect(other.diagnostics).toMatchObject([{ code: "unknown-param" }]);
  });

  test("leaves the digest of plans without one as it is", () => {
    const text = plan("").replace(/playbooks:\n$/, "");
    expect(Object.keys(load(text).plan ?? {})).not.toContain("playbooks");
  });
});

type Fault = readonly [playbooks: string, at: string, code: string, fix: string];

/** `at` is the line and column; the playbooks begin at line 13. */
test.each<Fault>([
  ["\n  p: { causes: wrong }", "13:16", "wrong-type", "[ wrong ]"],
  ["\n  p: { cause: [ a ] }", "13:8", "unknown-key", "did you mean causes?"],
  ["\n  p: { steps: [ a ] }", "13:8", "unknown-key", "did you mean actions?"],
  ["\n  p: {}", "13:3", "missing-key", "add `diagnose`"],
  ["\n  over: { causes: [ a ] }", "13:3", "bad-name", "choose another name"],
  ["\n  p: { diagnose: [ { http: /a, every: 1m } ] }", "13:32", "unknown-key", "there is http"],
  ["\n  p: { diagnose: [ { metric: er } ] }", "13:30", "unknown-metric", "did you mean err?"],
  ["\n  p: { diagnose: [ { table: [ err ] } ] }", "13:22", "wrong-type", "- metric: p95"],
  ["\n  p: { actions: [ { run: [ a ] } ] }", "13:19", "undo-missing", "undo: none"],
  ["\n  p: { actions: [ { runn: [ a ] } ] }", "13:21", "unknown-key", "did you mean run?"],
  [
    "\n  p: { actions: [ { run: [ a, '${env:KEY}' ], undo: none } ] }",
    "13:32",
    "secret-in-argv",
    "env: { KEY",
  ],
  ["\n  p: { recover: [ 'ask ${params.who}' ] }", "13:24", "unknown-param", "there is base"],
  [
    "\n  p: { params: { base: { default: a } }, recover: [ '${params.base}' ] }",
    "13:18",
    "duplicate",
    "another name",
  ],
  [
    "\n  p: { params: { n: { type: number, default: x } }, recover: [ a ] }",
    "13:46",
    "param-value",
    "write a number",
  ],
])("%s at %s", (playbooks, at, code, fix) => {
  const { diagnostics } = load(plan(playbooks));
  expect(diagnostics.map((each) => [each.code, `${each.line}:${each.col}`])).toEqual([[code, at]]);
  expect(diagnostics[0]?.fix).toContain(fix);
});

test("a trigger names a playbook that is there", () => {
  const text = plan(LIMITS, "{ when: err > 5s, playbook: limit }");
  expect(load(text).diagnostics).toMatchObject([
    { code: "unknown-playbook", line: 10, fix: "did you mean limits?" },
  ]);
});
