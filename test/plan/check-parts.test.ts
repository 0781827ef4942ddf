import { describe, expect, test } from "vitest";

import type { Check } from "../../src/core/plan.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

/** A plan with these checks, of which `smoke` is asked in its stage. */
const plan = (checks: string, params = ""): string => `apiVersion: canary/v1
kind: Plan
name: shop
params: { by: { choices: [a, b], default: a }, port: { default: "9090" }${params} }
connections:
  app-log: { type: log, file: /var/log/app.log, time: '^(\\S+)' }
  api: { type: http, url: "http://localhost:8080" }
checks:${checks}
stages: [ { name: one, checks: [ smoke ] } ]
rollback: { verify: { checks: [ smoke ] } }
`;

function load(text: string) {
  const options = { catalog: builtInDrivers(), set: {}, useExamples: true };
  return loadPlan({ path: "plan.yaml", text }, options);
}

function smokeOf(checks: string): Check | undefined {
  const { plan: loaded, diagnostics } = load(plan(checks));
  expect(diagnostics).toEqual([]);
  return loaded?.checks["smoke"];
}

describe("a check made of several", () => {
  const steps = `
  smoke:
    steps:
      - { name: break it, http: { POST: /mode, json: { status: 503 } }, outputs: { mode: { json: mode } } }
      - { run: [ pay, "\${outputs.mode}" ], if: params.by == a }
      - { run: [ pay, --twice ], if: params.by == b }
      - wait: 2s
      - { log: app-log, lines: [ one, { line: two, after: 2s } ], timeout: 20s }
    as: smoke.txt`;

  test("keeps its steps in order, without those that their `if` leaves out", () => {
    const check = smokeOf(steps);
    expect(check).toMatchObject({ driver: "steps", connection: null, input: {}, as: "smoke.txt" });
    expect(check?.steps).toMatchObject([
      {
        kind: "test",
        title: "break it",
        driver: "http",
        connection: "api",
        timeout: 10_000,
        outputs: { mode: { json: "mode", secret: false } },
      },
      { kind: "test", title: null, driver: "run", connection: null, timeout: 30_000 },
      { kind: "wait", title: "", ms: 2000 },
      { kind: "test", driver: "log", connection: "app-log", timeout: 20_000, outputs: {} },
    ]);
  });

  test("may take as long as all of its steps, unless it says otherwise", () => {
    expect(smokeOf(steps)?.timeout).toBe(62_000);
    expect(smokeOf(`${steps}\n    timeout: 30s`)?.timeout).toBe(30_000);
  });

  test("has no parts that it does not use, so that the digest of older plans stays", () => {
    expect(Object.keys(smokeOf("\n  smoke: { http: /health }") ?? {})).not.toContain("steps");
    expect(Object.keys(smokeOf("\n  smoke: { http: /health }") ?? {})).not.toContain("services");
    expect(Object.keys(smokeOf("\n  smoke: { http: /health }") ?? {})).not.toContain("outputs");
  });
});

describe("services", () => {
  const service = (ready: string): string => `
  smoke:
    run: [ smoke.sh ]
    services:
      sink: { run: [ sink, --port, "\${params.port}" ], env: { SECRET: "\${env:SECRET}" }, ready: ${ready} }`;

  test("say when they are up, and lengthen the check by the time they may take for it", () => {
    const check = smokeOf(service("{ tcp: localhost:9090, within: 5s }"));
    expect(check?.services).toEqual([
      {
        name: "sink",
        argv: ["sink", "--port", "9090"],
        env: { SECRET: "${env:SECRET}" },
        cwd: null,
        ready: { kind: "tcp", address: "localhost:9090" },
        within: 5000,
      },
    ]);
    expect(check?.timeout).toBe(35_000);
    expect(smokeOf(service("{ http: http://localhost:9090/up }"))?.services).toMatchObject([
      { ready: { kind: "http", url: "http://localhost:9090/up" }, within: 10_000 },
    ]);
  });
});

describe("outputs", () => {
  test("of a check", () => {
    const check = smokeOf("\n  smoke: { http: /me, outputs: { key: { json: k, secret: true } } }");
    expect(check?.outputs).toEqual({ key: { json: "k", secret: true } });
  });
});

type Fault = readonly [checks: string, at: string, code: string, fix: string];

/** `at` is the line and column within the checks, which begin at line 9. */
test.each<Fault>([
  ["\n  smoke: { steps: [] }", "9:19", "missing-key", "write a list of steps"],
  ["\n  smoke: { steps: { http: /a } }", "9:19", "wrong-type", "put a `-` before each item"],
  ["\n  smoke: { steps: [ ~ ] }", "9:21", "wrong-type", "write it, or remove the line"],
  ["\n  smoke: { steps: [ http ] }", "9:21", "wrong-type", "write `key: value`"],
  [
    "\n  smoke: { steps: [ { timeout: 3s } ] }",
    "9:21",
    "missing-key",
    "write one of http, run, kubectl, log, wait",
  ],
  ["\n  smoke: { steps: [ { htpp: /a } ] }", "9:23", "unknown-key", "did you mean http?"],
  ["\n  smoke: { steps: [ { wait: soon } ] }", "9:29", "wrong-value", "30s"],
  [
    "\n  smoke: { steps: [ { wait: 1s, timeout: 3s } ] }",
    "9:33",
    "unknown-key",
    "there is name, wait, if",
  ],
  [
    "\n  smoke: { steps: [ { http: /a, run: [ b ] } ] }",
    "9:33",
    "two-kinds",
    "make two steps of it",
  ],
  ["\n  smoke: { http: /a, steps: [ { run: [ b ] } ] }", "9:22", "two-kinds", "make two checks"],
  ["\n  smoke: { steps: [ { confirm: ok? } ] }", "9:23", "two-kinds", "NAME confirmed"],
  ["\n  smoke: { steps: [ { steps: [] } ] }", "9:23", "unknown-key", "there is http, run"],
  [
    "\n  smoke: { steps: [ { log: { connection: app-log, lines: [ a ] } } ] }",
    "9:23",
    "wrong-type",
    "write - log: app-log and `lines` as keys of the same item",
  ],
  [
    "\n  smoke: { steps: [ { run: { argv: [ a ] } } ] }",
    "9:23",
    "wrong-type",
    "write - run: [ … ] and `argv`",
  ],
  [
    "\n  smoke: { steps: [ { run: [ a ] } ], connection: api }",
    "9:39",
    "which-connection",
    "move it into the steps",
  ],
  [
    "\n  smoke: { steps: [ { run: [ a ] } ], expect: {} }",
    "9:39",
    "unknown-key",
    "there is steps, name",
  ],
  [
    "\n  smoke: { steps: [ { run: [ a ] } ], outputs: { x: { json: y } } }",
    "9:39",
    "no-outputs",
    "write them into the step",
  ],
  [
    "\n  smoke: { steps: [ { log: app-log, lines: [ a ], outputs: { x: { json: y } } } ] }",
    "9:51",
    "no-outputs",
    "read the value by `http` or `run`",
  ],
  ["\n  smoke: { steps: [ { http: /a, retries: 3 } ] }", "9:33", "unknown-key", "there is http"],
  [
    "\n  smoke: { steps: [ { log: app-log, lines: [ { line: a, after: 2s } ] } ] }",
    "9:64",
    "wrong-value",
    "leave out its `after`",
  ],
  [
    "\n  smoke: { steps: [ { log: app-log, lines: [ a, { line: b, after: 2 } ] } ] }",
    "9:67",
    "wrong-value",
    "30s or 5m",
  ],
  [
    "\n  smoke: { steps: [ { http: '/a?x=${outputs.y}' }, { http: /b, outputs: { y: { json: y } } } ] }",
    "9:35",
    "output-early",
    "put what makes y before this",
  ],
  [
    "\n  smoke: { steps: [ { http: /b, outputs: { y: { json: y } } }, { http: /c, outputs: { y: { json: z } } } ] }",
    "9:87",
    "output-twice",
    "give one of them another name",
  ],
  [
    "\n  smoke: { steps: [ { http: '/a?x=${outputs.y}' } ] }",
    "9:35",
    "unknown-output",
    "to an action or a check",
  ],
  [
    "\n  smoke: { steps: [ { run: [ a, '${env:TOKEN}' ] } ] }",
    "9:34",
    "secret-in-argv",
    "pass it as env",
  ],
  [
    "\n  smoke: { steps: [ { http: /k, outputs: { k: { json: k, secret: true } } }, { run: [ a, '${outputs.k}' ] } ] }",
    "9:91",
    "secret-in-argv",
    "pass it as env",
  ],
  [
    "\n  smoke: { steps: [ { http: '/a?x=${traffic}' } ] }",
    "9:35",
    "placeholder-misplaced",
    "elsewhere write ${stage.traffic}",
  ],
  [
    "\n  smoke: { timeout: 3s, steps: [ { run: [ a ] }, { wait: 3s } ] }",
    "9:21",
    "check-too-short",
    "write a `timeout` above 3s",
  ],
  [
    "\n  smoke: { log: app-log, never: [ PANIC ], for: 1m, timeout: 20s }",
    "9:62",
    "check-too-short",
    "write a `timeout` above 1m",
  ],
  ["\n  smoke: { http: /a, services: [ sink ] }", "9:32", "wrong-type", "write `key: value`"],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a ] } } }",
    "9:34",
    "missing-key",
    "write ready: { tcp: localhost:9090 }",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a ], ready: {} } } }",
    "9:61",
    "missing-key",
    "write ready: { tcp: localhost:9090 }",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { ready: { tcp: 'h:1' } } } }",
    "9:34",
    "missing-key",
    "add `run: …`",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: a --b, ready: { tcp: 'h:1' } } } }",
    "9:47",
    "wrong-value",
    "write a list like",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a ], ready: { tcp: 9090 } } } }",
    "9:68",
    "wrong-type",
    '"9090"',
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a ], ready: { tcp: 'h:1', http: http://h } } } }",
    "9:75",
    "two-kinds",
    "keep one of them",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a, '${env:KEY}' ], ready: { tcp: 'h:1' } } } }",
    "9:53",
    "secret-in-argv",
    "pass it as env",
  ],
  [
    "\n  smoke: { http: /a, services: { sink: { run: [ a ], env: { TOKEN: abc }, ready: { tcp: 'h:1' } } } }",
    "9:68",
    "secret-literal",
    "${env:TOKEN}",
  ],
  [
    "\n  smoke: { http: /a }\n  go: { confirm: go?, outputs: { x: { json: y } } }",
    "10:23",
    "no-outputs",
    "remove them",
  ],
  [
    "\n  smoke: { http: /a }\n  go: { confirm: go?, services: {} }",
    "10:23",
    "unknown-key",
    "remove them",
  ],
  [
    "\n  smoke: { http: '/a?${outputs.own}', outputs: { own: { json: y } } }",
    "9:22",
    "output-early",
    "put what makes own before this",
  ],
])("%s at %s", (checks, at, code, fix) => {
  const { plan: loaded, diagnostics } = load(plan(checks));
  const told = diagnostics.filter((each) => each.code !== "check-unused");
  expect(told.map((each) => [each.code, `${each.line}:${each.col}`])).toEqual([[code, at]]);
  expect(`${told[0]?.message}: ${told[0]?.fix}`).toContain(fix);
  expect(loaded === null).toBe(told[0]?.severity === "error");
});

test("a value read before the start may be used everywhere, also by a later check of the preflight", () => {
  const text = `${plan(`
  smoke: { http: "/a?version=\${outputs.version}" }
  first: { http: "/b?version=\${outputs.version}" }`)}preflight:
  - first
  - { http: /health, outputs: { version: { json: version } } }
`;
  expect(load(text).diagnostics).toEqual([]);
});

test("a value that only the way back reads comes too late for a stage", () => {
  const text = plan(`
  smoke: { http: "/a?version=\${outputs.version}" }
  late: { http: /health, outputs: { version: { json: version } } }`);
  const { diagnostics } = load(text.replace("{ checks: [ smoke ] } }", "{ checks: [ late ] } }"));
  expect(diagnostics).toMatchObject([{ code: "output-early", line: 9 }]);
});
