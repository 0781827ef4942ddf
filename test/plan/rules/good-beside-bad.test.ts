import { expect, test } from "vitest";

import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";

function told(metric: string): readonly string[] {
  const text = `apiVersion: canary/v1
kind: Plan
name: shop
connections: { app-log: { type: log, file: /var/log/shop.log } }
metrics:
  delivered: ${metric}
checks: { up: { run: [test, -e, /] } }
stages: [{ name: all, soak: 10m, gates: [up passes, delivered > 95%] }]
rollback: { verify: { checks: [up] } }
`;
  const options = { catalog: builtInDrivers(), set: {}, useExamples: true };
  const { plan, diagnostics } = loadPlan({ path: "p.yaml", text }, options);
  expect(plan).not.toBeNull();
  return diagnostics.map(({ code, line, severity }) => `${severity} ${code}@${line}`);
}

test("a log metric with good beside bad is told: it reads like a success rate, and is that of the failures", () => {
  expect(
    told("{ connection: app-log, good: sent, bad: failed, window: 1m, minSamples: 20 }"),
  ).toEqual(["warning good-beside-bad@6"]);
});

test.for(["good: sent", "bad: failed"])("%s beside total says what it is", (side) => {
  expect(
    told(`{ connection: app-log, ${side}, total: sent|failed, window: 1m, minSamples: 20 }`),
  ).toEqual([]);
});
