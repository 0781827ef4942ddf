import { describe, expect, test } from "vitest";

import { digestPlan } from "../../src/plan/digest.ts";
import { plan, stage } from "../support/plan-builder.ts";

describe("digestPlan", () => {
  test("is a SHA-256 in hex", () => {
    expect(digestPlan(plan())).toMatch(/^[0-9a-f]{64}$/);
  });

  test("does not depend on the order of keys", () => {
    const one = plan({ params: { version: "v1", by: "flag" } });
    const other = plan({ params: { by: "flag", version: "v1" } });
    expect(digestPlan(other)).toBe(digestPlan(one));
    const turned = Object.fromEntries(Object.entries(one).toReversed()) as unknown as typeof one;
    expect(digestPlan(turned)).toBe(digestPlan(one));
  });

  test("survives being stored", () => {
    const stored = JSON.parse(JSON.stringify(plan())) as ReturnType<typeof plan>;
    expect(digestPlan(stored)).toBe(digestPlan(plan()));
  });

  test.each([
    ["a parameter", plan({ params: { version: "v2" } })],
    ["a share", plan({ stages: [stage("pilot", 11)] })],
    ["a limit", plan({ stages: [stage("pilot", 10, { gates: ["p95 < 0.3"] })] })],
    ["the order of stages", plan({ stages: [stage("a", 10), stage("b", 10)] })],
  ])("changes with %s", (_, changed) => {
    expect(digestPlan(changed)).not.toBe(digestPlan(plan()));
    const swapped = { ...changed, stages: changed.stages.toReversed() };
    expect(digestPlan(swapped) === digestPlan(changed)).toBe(changed.stages.length < 2);
  });
});
