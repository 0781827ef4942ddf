import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { Plan } from "../../src/core/plan.ts";
import { codes } from "../../src/plan/codes.ts";
import { loadPlan, type Loaded, type LoadOptions } from "../../src/plan/load-plan.ts";
import { fakeCatalog } from "./fake-catalog.ts";

const good = join(import.meta.dirname, "good");

function load(text: string, more: Partial<LoadOptions> = {}): Loaded {
  return loadPlan(
    { path: "p.yaml", text },
    { catalog: fakeCatalog, set: {}, useExamples: true, ...more },
  );
}

function example(name: string, more: Partial<LoadOptions> = {}): Plan {
  const { plan, diagnostics } = load(readFileSync(join(good, name), "utf8"), more);
  expect(diagnostics).toEqual([]);
  if (plan === null) throw new Error("there is no plan");
  return plan;
}

/** A small plan with something added to it. */
function around(text: string): string {
  return `${BASE}${text}\n`;
}

const BASE = `apiVersion: canary/v1
kind: Plan
name: small
connections:
  prom: { type: prometheus, url: http://localhost:9090 }
  cluster: { type: kubectl }
metrics:
  p95: { unit: s, query: "max(p95)" }
  errors: { bad: "a[\${window}]", total: "b[\${window}]", window: 5m, minSamples: 100 }
checks:
  up: { http: http://localhost/healthz }
traffic: [{ ingress-nginx: { ingress: web } }]
everyStage: { soak: 10m, gates: [p95 < 1s, errors < 1%] }
rollback: { verify: { wait: 1m, checks: [up] } }
`;
const STAGES = "stages:\n  - { name: one, traffic: 10%, checks: [up] }\n";

describe("a good plan", () => {
  test.each(readdirSync(good))("%s lints clean", (name) => {
    expect(example(name).kind).toBe("Plan");
  });

  test("says of each stage what happens when its runner dies, where it or every stage says so", () => {
    const two = (first: string, every: string): readonly unknown[] => {
      const head = BASE.replace("everyStage: {", `everyStage: { ${every}`);
      const stages = `stages:\n  - { name: one, traffic: 10%, checks: [up]${first} }\n  - { name: two, traffic: 20% }\n`;
      const { plan, diagnostics } = load(head + stages);
      expect(diagnostics).toEqual([]);
      return (plan?.stages ?? []).map(({ onRunnerLost }) => onRunnerLost);
    };
    expect(two(", onRunnerLost: hold", "")).toEqual(["hold", undefined]);
    expect(two(", onRunnerLost: rollback", "onRunnerLost: hold,")).toEqual(["rollback", "hold"]);
  });

  test("is normalized: stages with everything of `everyStage` merged in", () => {
    const { stages } = example("kubernetes.yaml");
    const [pilot] = stages;
    expect(pilot).toMatchObject({
      name: "pilot",
      folder: "01-pilot",
      share: 1,
      soak: 900_000,
      within: 1_800_000,
      interval: 10_000,
      tolerate: 0,
      checks: ["serves-new"],
    });
    expect(pilot?.gates.map(({ id }) => id)).toEqual([
      "pilot/p95 < 200ms",
      "pilot/error_rate < 1%",
      "pilot/ws_staleness < 30s",
      "pilot/risk_blocks < 0.5%/min",
      "pilot/any of `csp <= 2x baseline`, `csp < 0.1/s`",
    ]);
    expect(pilot?.actions.map(({ id, role, share }) => [id, role, share])).toEqual([
      ["pilot/1-set-image", "change", null],
      ["pilot/2-scale", "change", null],
      ["pilot/3-ingress-nginx", "traffic", 1],
    ]);
    expect(pilot?.evidence.map(({ id, as, connection }) => [id, as, connection])).toEqual([
      ["pilot/1-metrics", "rollout_stage_${stage.traffic}.txt", "app"],
      ["pilot/2-log", "logs_${stage.traffic}.txt", "cluster"],
      ["pilot/3-run", "ci_stage_1.txt", null],
    ]);
    expect(stages.map(({ folder, soak, within }) => [folder, soak, within]).at(-1)).toEqual([
      "04-full",
      1_800_000,
      3_600_000,
    ]);
  });

  test("`previous` repeats the gates of all earlier stages, once, without a person's word or what is asked once", () => {
    const full = example("kubernetes.yaml").stages.at(-1);
    expect(full?.gates.map(({ condition }) => condition.text)).toEqual([
      "p95 < 200ms",
      "error_rate < 1%",
      "ws_staleness < 30s",
      "risk_blocks < 0.5%/min",
      "any of `csp <= 2x baseline`, `csp < 0.1/s`",
      "db_pool < 70%",
      "money_errors over stage == 0",
      "p95 <= 1.1x baseline",
      "user-feedback confirmed",
    ]);
  });

  test("limits, windows and baselines are in base units", () => {
    const { metrics, stages, triggers } = example("shares.yaml");
    expect(metrics["errors_5xx"]).toMatchObject({
      driver: "openmetrics",
      connection: "app",
      unit: "ratio",
      window: 300_000,
      baseline: 0.001,
      minSamples: 100,
    });
    expect(stages[0]?.gates[0]?.condition).toEqual({
      kind: "metric",
      text: "p95 <= 220ms",
      metric: "p95",
      over: null,
      operator: "<=",
      limit: { kind: "number", value: 0.22 },
      for: 0,
    });
    expect(triggers.map(({ id }) => id)).toEqual([
      "rollback/p95 > 250ms for 10m",
      "rollback/redis_errors > 1/min for 5m",
      "rollback/wildcard CORS",
      "rollback/errors",
      "warn/p95 > 220ms",
    ]);
    expect(triggers[3]?.condition).toMatchObject({ kind: "any", for: 900_000 });
    expect(example("kubernetes.yaml").metrics["p95"]?.window).toBe(300_000);
  });

  test("inline checks join the library under a name of their own", () => {
    const { preflight, checks } = example("kubernetes.yaml");
    expect(preflight).toEqual(["team-trained", "preflight-2"]);
    expect(checks["preflight-2"]).toMatchObject({
      driver: "http",
      connection: "api",
      timeout: 10_000,
    });
    expect(checks["team-trained"]).toMatchObject({
      driver: "confirm",
      connection: null,
      input: { question: "team trained", by: "devops-lead", count: 1, valid: 7_776_000_000 },
    });
  });

  test("checks have the thresholds of probes only when they are probes", () => {
    const { checks } = example("flags-and-services.yaml");
    expect(checks["worker"]).toMatchObject({ interval: 30_000, failureThreshold: 2 });
    expect(checks["migrated"]).toMatchObject({
      interval: null,
      failureThreshold: 1,
      successThreshold: 1,
      retries: 0,
    });
  });

  test("actions know their undo, outputs and bounds", () => {
    const { stages, rollback } = example("flags-and-services.yaml");
    const [edit, create] = stages[0]?.actions ?? [];
    expect(edit).toMatchObject({
      title: "env-file /etc/onering/flags.env",
      undo: "auto",
      reversible: true,
      onUnknown: "hold",
      timeout: 30_000,
      ready: 300_000,
    });
    expect(create).toMatchObject({
      id: "external-api/2-http",
      title: "canary-key",
      connection: "admin",
      outputs: {
        canary_key: { json: "secret", secret: true },
        canary_key_id: { json: "key_id", secret: false },
      },
      undo: { id: "external-api/2-http/undo-http", connection: "admin", role: "change" },
    });
    expect(rollback.actions).toMatchObject([
      { id: "rollback/1-run", undo: "none", input: { argv: ["redis-cli", "flushdb"] } },
    ]);
  });

  test("`finish` hands the traffic back with every action that shifts it", () => {
    const { finish } = example("kubernetes.yaml");
    expect(finish.map(({ id, role, share }) => [id, role, share])).toEqual([
      ["finish/1-set-image", "change", null],
      ["finish/2-release-ingress-nginx", "release", null],
      ["finish/3-scale", "change", null],
    ]);
  });

  test("a stage without traffic keeps the share in force", () => {
    const text = around(
      "stages: [{ name: a, checks: [up] }, { name: b, traffic: 10% }, { name: c }]",
    );
    const { plan, diagnostics } = load(text);
    expect(diagnostics).toEqual([]);
    expect(plan?.stages.map(({ share, actions }) => [share, actions.length])).toEqual([
      [0, 0],
      [10, 1],
      [10, 0],
    ]);
    expect(example("flags-and-services.yaml").stages[0]?.share).toBeNull();
  });

  test("secrets stay references, and so does what only a stage knows", () => {
    const { connections, checks } = example("flags-and-services.yaml");
    expect(connections["admin"]?.config).toEqual({
      url: "http://localhost:8000",
      bearer: "${env:ADMIN_KEY}",
    });
    expect(checks["me"]?.input["bearer"]).toBe("${outputs.canary_key}");
  });
});

describe("parameters", () => {
  test("choose what is in the plan", () => {
    const byFlag = example("kubernetes.yaml", { set: { by: "flag" } });
    expect(byFlag.stages[0]?.actions.at(-1)?.driver).toBe("flag");
    const development = example("shares.yaml", { set: { environment: "development" } });
    expect(development.preflight).toEqual(["healthy", "cors-evil"]);
    expect(development.checks["notified"]).toBeUndefined();
    expect(development.stages[0]?.gates).toHaveLength(2);
    expect(development.triggers).toHaveLength(4);
    const instant = example("shares.yaml", { set: { gradual: "false" } });
    expect(instant.rollback.gradual).toBeNull();
    expect(example("shares.yaml").rollback.gradual).toEqual({ shares: [20, 5], every: 300_000 });
  });

  test("keep their own type where they are the whole value", () => {
    const text = around(
      `params:\n  n: { default: 3 }\n  v: { default: "1.10" }\nstages:\n  - { name: a, traffic: 10%, actions: [{ scale: { workload: deployment/a, replicas: "\${params.n}" } }, { set-image: { workload: deployment/a, image: "a:\${params.v}-\${params.n}" } }] }`,
    );
    const [scale, image] = load(text, { set: { n: "5" } }).plan?.stages[0]?.actions ?? [];
    expect(scale?.input["replicas"]).toBe(5);
    expect(image?.input["image"]).toBe("a:1.10-5");
  });

  test("that are required take their example only when they may", () => {
    const text = readFileSync(join(good, "kubernetes.yaml"), "utf8");
    const { plan, diagnostics } = load(text, { useExamples: false });
    expect(plan).toBeNull();
    expect(diagnostics).toMatchObject([
      { code: "param-required", line: 7, col: 3, fix: "add --set version=v1.4.0" },
    ]);
    const given = load(text, { useExamples: false, set: { version: "v2" } });
    expect(given.plan?.params["version"]).toBe("v2");
  });

  test.each<[Record<string, string>, string, string]>([
    [{ phase1: "20%" }, "param-value", "20% is more than 10%"],
    [{ phase1: "7" }, "param-value", "7 has no %"],
    [{ window: "soon" }, "param-value", "soon is not a duration"],
    [{ environment: "prod" }, "param-value", "none of the choices"],
    [{ version: "${env:X}" }, "param-value", "placeholder"],
    [{ versoin: "1" }, "unknown-param", "no parameter versoin"],
    [{ gradual: "yes" }, "param-value", "not true or false"],
    [{ toString: "x" }, "unknown-param", "no parameter toString"],
  ])("--set %o is refused", (set, code, message) => {
    const { plan, diagnostics } = load(readFileSync(join(good, "shares.yaml"), "utf8"), {
      set,
    });
    expect(plan).toBeNull();
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code });
    expect(diagnostics[0]?.message).toContain(message);
    expect(diagnostics[0]?.fix).not.toBeNull();
  });
});

describe("the world that a plan is loaded for", () => {
  const text = around(
    `${STAGES}triggers: { rollback: [errors over 1h > 5% for 10m, { when: p95 > 2s, for: 2m }] }`,
  );

  test("a time scale changes soaks, intervals, windows and waits, and no timeout", () => {
    const scaled = load(text, { timeScale: 1 / 60 });
    const plain = load(text);
    expect(plain.diagnostics).toEqual([]);
    expect(plain.plan?.stages[0]).toMatchObject({ soak: 600_000, within: 1_200_000 });
    expect(scaled.plan?.stages[0]).toMatchObject({ soak: 10_000, within: 20_000 });
    expect(scaled.plan?.triggers.map(({ condition }) => condition)).toMatchObject([
      { over: { kind: "window", ms: 60_000 }, for: 10_000 },
      { for: 2000 },
    ]);
    expect(scaled.plan?.maxBlind).toBe(10_000);
    expect(scaled.plan?.rollback.verify.wait).toBe(1000);
    expect(scaled.plan?.stages[0]?.actions[0]?.timeout).toBe(30_000);
    expect(scaled.plan?.checks["up"]?.timeout).toBe(10_000);
  });

  test("a sandbox has an address, an example when the plan is only looked at, or is asked for", () => {
    const inSandbox = text.replace("http://localhost/healthz", '"${sandbox.url}/healthz"');
    const address = (more: Partial<LoadOptions>) =>
      load(inSandbox, more).plan?.checks["up"]?.input["http"];
    expect(address({ urls: { "sandbox.url": "http://127.0.0.1:1" } })).toBe(
      "http://127.0.0.1:1/healthz",
    );
    expect(address({})).toBe("http://127.0.0.1:7070/healthz");
    expect(load(inSandbox, { useExamples: false }).diagnostics).toMatchObject([
      { code: "no-sandbox", line: 11, fix: "add --sandbox" },
    ]);
  });
});

describe("a broken plan", () => {
  test("tells all its problems at once, in the order of the file", () => {
    const text = around(
      `triggerz: {}
stages:
  - name: one
    trafic: 10%
    soak: 5
    checks: [upp]
    gates: [p59 < 1s, p95 < 1%]
    actions:
      - scael: { workload: deployment/a, replicas: 1 }
      - scale: { workload: deployment/a, replica: 1 }
      - run: kubectl get pods
`,
    );
    const { plan, diagnostics } = load(text);
    expect(plan).toBeNull();
    const told = diagnostics.map(({ line, col, code, fix }) => [line, col, code, fix]);
    expect(told).toEqual([
      [15, 1, "unknown-key", "did you mean triggers?"],
      [18, 5, "unknown-key", "did you mean traffic?"],
      [19, 11, "wrong-value", "write 5s for seconds or 5m for minutes"],
      [20, 14, "unknown-check", "did you mean up?"],
      [21, 13, "condition-name", "did you mean p95?"],
      [21, 29, "condition-limit", expect.stringContaining("200ms")],
      [23, 9, "unknown-key", "did you mean scale?"],
      [24, 9, "missing-key", "add `replicas: …`"],
      [24, 42, "unknown-key", "did you mean replicas?"],
      [25, 14, "wrong-value", expect.stringContaining("write a list")],
    ]);
  });

  test("of whatever kind, every problem has a place, a code of the table, and words", () => {
    for (const name of readdirSync(good)) {
      const lines = readFileSync(join(good, name), "utf8").split("\n");
      for (const [index, line] of lines.entries()) {
        const text = lines.with(index, line.replace(/[a-zA-Z](?=\w*:)/, "Q")).join("\n");
        for (const each of load(text).diagnostics) {
          expect(Object.keys(codes)).toContain(each.code);
          expect(each.message).toMatch(/^\S.*\S$/s);
          expect(each.line).toBeGreaterThan(0);
          expect(each.line).toBeLessThanOrEqual(lines.length);
          expect(each.endCol).toBeGreaterThan(each.col);
        }
      }
    }
  });
});
