import { expect, test } from "vitest";

import { idle } from "../../src/core/state.ts";
import { confirmLines } from "../../src/report/confirm-lines.ts";
import { policyFacts } from "../../src/report/policy-facts.ts";
import { check, plan } from "../support/plan-builder.ts";

const governance = {
  tier: "high",
  because: ["the plan says so", "src/a.ts has changed"],
  people: {},
  stop: [],
  override: null,
  resume: null,
  approvalsHold: 1,
  tasks: [],
};

test("a report says the tier and why, who confirmed, which gates were overridden, and who broke the glass", () => {
  const facts = policyFacts(
    { ...plan(), governance },
    {
      ...idle,
      confirmations: { go: { yes: true, by: "ana, bo" }, audit: { yes: false, by: "cy" } },
      overridden: ["pilot/p95 < 200ms"],
      votes: { "override pilot/p95 < 200ms": [{ by: "ana", roles: ["council"], yes: true }] },
      cause: { kind: "abort", text: "x", by: "eve", breakGlass: true },
    },
  );
  expect(facts).toEqual([
    ["policy", "tier high: the plan says so; src/a.ts has changed"],
    ["go: yes", "ana, bo"],
    ["audit: NO", "cy"],
    ["gate overridden: pilot/p95 < 200ms", "ana"],
    ["glass broken by", "eve"],
  ]);
  expect(policyFacts(plan(), idle)).toEqual([]);
});

test.for([
  [{ by: "council", count: 2 }, "(go?; 2 of council)"],
  [{ by: "steward", count: 1 }, "(go?; steward)"],
  [{ by: null, count: 3 }, "(go?; 3 people)"],
  [{ by: null, count: 1 }, "(go?)"],
] as const)("a confirmation by %j says so: %s", ([input, text]) => {
  const go = check("go", { driver: "confirm", input: { question: "go?", ...input } });
  const scene = { plan: plan({ checks: [go] }), rollout: "r1", evidence: null };
  expect(confirmLines(["go"], scene)[0]).toContain(text);
});
