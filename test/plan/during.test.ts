import { expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

const HEAD = `apiVersion: canary/v1
kind: Plan
name: lasting
connections: { app: { type: http, url: "http://127.0.0.1:1" } }
checks: { up: { http: "http://127.0.0.1:1/healthz" } }
rollback: { verify: { checks: [up] } }
stages:
  - name: only
    checks: [up]
    actions: [ { env-file: { file: /etc/app.env, set: { MODE: canary } } } ]
    soak: 1m
`;

function load(more: string) {
  const text = `${HEAD}${more}`;
  return loadPlan(
    { path: "lasting.yaml", text },
    { catalog: builtInDrivers(), set: {}, useExamples: false },
  );
}

test("what is on during the rollout comes first, and ends last in `finish`, last begun first", () => {
  const { plan, diagnostics } = load(`
during:
  - env-file: { file: /etc/app.env, set: { LOG_LEVEL: debug } }
  - http: { connection: app, POST: /silence }
    undo: { http: { connection: app, DELETE: /silence } }
finish:
  - http: { connection: app, POST: /announce }
    undo: none
`);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(plan?.stages[0]?.actions.map(({ id }) => id.split("-", 1)[0])).toEqual([
    "during/1",
    "during/2",
    "only/1",
  ]);
  expect(plan?.finish).toMatchObject([
    { id: "finish/1-http", undo: "none" },
    { id: "during/2-http/end", driver: "http", role: "change", undo: "none" },
    { id: "during/1-env-file/end", role: "release", releases: "during/1-env-file" },
  ]);
});

test("an action with nothing to undo ends with nothing", () => {
  const { plan } = load("during: [ { http: { connection: app, POST: /log }, undo: none } ]\n");
  expect(plan?.finish).toEqual([]);
});

test("what cannot be undone is told where it stands", () => {
  const { diagnostics } = load("during:\n  - http: { connection: app, POST: /silence }\n");
  expect(diagnostics).toMatchObject([{ line: 13, code: "undo-missing" }]);
});

test("a stage cannot take its name", () => {
  const { diagnostics } = loadPlan(
    { path: "x.yaml", text: HEAD.replace("name: only", "name: during") },
    { catalog: builtInDrivers(), set: {}, useExamples: false },
  );
  expect(diagnostics).toMatchObject([{ line: 8, code: "bad-name" }]);
});
