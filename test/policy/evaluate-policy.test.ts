import { describe, expect, test } from "vitest";

import type { Plan } from "../../src/core/plan.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { evaluatePolicy, type PolicyFacts } from "../../src/policy/evaluate-policy.ts";
import { loadPolicy } from "../../src/policy/load-policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { check, plan, stage } from "../support/plan-builder.ts";
import { COUNCIL } from "./support/council-policy.ts";
import { NOW, signed, signer } from "./support/signers.ts";

const ana = signer("ana");
const bo = signer("bo");
const HOUR = 3_600_000;

function policyOf(text: string): Policy {
  const { policy, diagnostics } = loadPolicy(
    { path: "p.yaml", text },
    { catalog: builtInDrivers(), params: null },
  );
  if (policy === null) throw new Error(JSON.stringify(diagnostics));
  const { people } = policy;
  return {
    ...policy,
    people: {
      ...people,
      ana: { roles: ["council", "steward"], keys: [ana.line], token: null },
      bo: { roles: ["council"], keys: [bo.line], token: null },
    },
  };
}

const policy = policyOf(COUNCIL);

const stages = [
  stage("one", 1, { soak: HOUR }),
  stage("all", 100, { soak: HOUR }),
  stage("monitor", 100, { soak: 3 * HOUR }),
];

function planOf(tier: string | null, parts: Partial<Plan> = {}): Plan {
  return { ...plan({ stages }), about: { owner: null, tier, links: {} }, ...parts };
}

const facts: PolicyFacts = {
  changes: { kind: "known", since: "v1", paths: ["README.md"] },
  now: NOW,
  timeScale: 1,
  overdue: [],
  given: [],
  command: "canary confirm NAME --plan p.yaml",
};

const rules = (made: Plan, more: Partial<PolicyFacts> = {}): readonly string[] =>
  evaluatePolicy(made, policy, { ...facts, ...more }).problems.map(({ rule }) => rule);

describe("the tier", () => {
  test("is what the plan says, and brings its checks and confirmations into the preflight", () => {
    const found = evaluatePolicy(planOf("high"), policy, facts);
    expect(found.tier).toBe("high");
    expect(found.plan.preflight).toEqual(["ci", "scan", "compliance", "approval-council"]);
    expect(found.plan.checks["approval-council"]?.input).toMatchObject({ by: "council", count: 2 });
    expect(found.plan.governance).toMatchObject({ tier: "high", override: { council: 2 } });
  });

  test("of a plan that states none is the policy's default", () => {
    expect(evaluatePolicy(planOf(null), policy, facts).tier).toBe("medium");
  });

  test("that the policy does not have is a problem", () => {
    const { problems } = evaluatePolicy(planOf("critical"), policy, facts);
    expect(problems[0]).toMatchObject({ rule: "tier", isMissingWord: false });
    expect(problems[0]?.fix).toContain("low, medium, high");
  });

  test("is raised by a changed path, which says so, and never lowered", () => {
    const paths = ["docs/x.md", "src/backend/payments/charge.ts"];
    const changes = { kind: "known", since: "v1", paths } as const;
    const found = evaluatePolicy(planOf("low"), policy, { ...facts, changes });
    expect(found.tier).toBe("high");
    expect(found.because).toEqual([
      "the plan says so",
      "src/backend/payments/charge.ts has changed since v1: src/backend/payments/** asks for high",
    ]);
    const migration = { kind: "known", since: "v1", paths: ["db/migrations/1.sql"] } as const;
    const kept = evaluatePolicy(planOf("high"), policy, { ...facts, changes: migration });
    expect(kept.tier).toBe("high");
    expect(kept.plan.preflight).toContain("privacy");
  });

  test("is the highest that any path asks for when nobody knows what changed", () => {
    const changes = { kind: "unknown", why: "nobody said since when" } as const;
    const found = evaluatePolicy(planOf("low"), policy, { ...facts, changes });
    expect(found.tier).toBe("high");
    expect(found.because[1]).toContain("nobody said since when");
  });
});

describe("what a tier asks of the plan", () => {
  test("a plan that brings it along lacks nothing but the words", () => {
    const { problems } = evaluatePolicy(planOf("high"), policy, facts);
    expect(problems.map(({ isMissingWord }) => isMissingWord)).toEqual([true, true]);
  });

  test.for([
    ["too short a soak", [stage("one", 1, { soak: 60_000 }), ...stages.slice(1)], "soak"],
    ["too little at the last share", stages.slice(0, 2), "monitor"],
    ["too large a beginning", [stage("five", 5, { soak: HOUR }), ...stages.slice(1)], "firstShare"],
  ] as const)("%s is a problem", ([, changed, rule]) => {
    expect(rules(planOf("high", { stages: changed }))).toContain(rule);
    expect(rules(planOf("low", { stages: changed }))).not.toContain(rule);
  });

  test("durations are compared as they are written, not as a scaled trial has them", () => {
    const scaled = stages.map((each) => ({ ...each, soak: each.soak / 60 }));
    const made = planOf("high", { stages: scaled });
    expect(rules(made, { timeScale: 1 / 60 })).not.toContain("soak");
    expect(rules(made)).toContain("soak");
  });

  test("fewer stages, and no notice to customers, are problems where the tier says so", () => {
    const strict = policyOf(COUNCIL.replace("    soak: 10m\n", "    stages: 5\n    notice: 24h\n"));
    const found = evaluatePolicy(planOf("high"), strict, facts).problems.map(({ rule }) => rule);
    expect(found).toEqual(expect.arrayContaining(["stages", "notice"]));
    const noticed = check("noticed", { driver: "announced", input: { ahead: 24 * HOUR } });
    const told = planOf("high", { checks: { noticed }, preflight: ["noticed"] });
    const rest = evaluatePolicy(told, strict, facts).problems.map(({ rule }) => rule);
    expect(rest).not.toContain("notice");
  });

  test("a check of the plan with a name of the policy's is a problem: it must not stand in for it", () => {
    const made = planOf("low", { checks: { ci: check("ci") }, preflight: ["ci"] });
    const found = evaluatePolicy(made, policy, facts);
    expect(found.problems).toMatchObject([{ rule: "checks" }]);
    expect(found.plan.checks["ci"]).toBe(policy.checks["ci"]);
  });
});

describe("what a plan may reach", () => {
  const cluster = (context: string): Plan["connections"] => ({
    c: { name: "c", type: "kubectl", config: { context } },
  });
  const asks = (url: string): Plan["checks"] => ({ h: check("h", { input: { http: url } }) });
  const runs = (argv: readonly string[]): Plan["checks"] => ({
    r: check("r", { driver: "run", input: { run: [...argv] } }),
  });

  test.for([
    ["an allowed context", { connections: cluster("prod") }, 0],
    ["another context", { connections: cluster("staging") }, 1],
    ["no context at all", { connections: { c: { name: "c", type: "kubectl", config: {} } } }, 1],
    ["a host below", { checks: asks("https://api.example.com/health") }, 0],
    ["a host that only ends so", { checks: asks("https://evilexample.com/") }, 1],
    ["a host in disguise", { checks: asks("https://api.example.com@evil.org/") }, 1],
    ["a host in capitals", { checks: asks("https://API.EXAMPLE.COM/") }, 0],
    ["an address nobody knows", { checks: asks("${env:PROM_URL}") }, 1],
    ["an allowed program", { checks: runs(["kubectl", "get", "pods"]) }, 0],
    ["another program", { checks: runs(["bash", "-c", "kubectl"]) }, 1],
  ] as const)("%s: %i problems", ([, parts, count]) => {
    const found = rules(planOf("low", parts)).filter((rule) => rule === "allow");
    expect(found).toHaveLength(count);
  });

  test("is anything where the policy does not say", () => {
    const open = policyOf(COUNCIL.replace(/^allow: .*$/mu, ""));
    const made = planOf("low", { connections: cluster("x"), checks: asks("http://anywhere") });
    expect(evaluatePolicy(made, open, facts).problems).toEqual([]);
  });
});

describe("a freeze", () => {
  const friday = Date.parse("2026-11-27T12:00:00Z");

  test("keeps every tier from starting, or asks for the people who can let it through", () => {
    const firm = policyOf(COUNCIL.replace(", unless: { council: 2 }", ""));
    const found = evaluatePolicy(planOf("low"), firm, { ...facts, now: friday });
    expect(found.problems).toMatchObject([{ rule: "freeze", isMissingWord: false }]);
    expect(found.problems[0]?.message).toContain("black friday");
    const open = evaluatePolicy(planOf("low"), policy, { ...facts, now: friday });
    expect(open.plan.checks["freeze-council"]?.input["question"]).toContain("black friday");
    expect(open.problems).toMatchObject([{ rule: "approvals", isMissingWord: true }]);
  });

  test("begins and ends at its minute, in its own time zone, for its own tiers", () => {
    const at = (time: string, tier: string): readonly string[] =>
      rules(planOf(tier), { now: Date.parse(time) });
    // 16:00 in Berlin is 15:00 UTC in winter.
    expect(at("2026-11-20T14:59:00Z", "high")).not.toContain("freeze");
    expect(at("2026-11-20T15:00:00Z", "high")).toContain("freeze");
    expect(at("2026-11-23T06:59:00Z", "high")).toContain("freeze");
    expect(at("2026-11-23T07:00:00Z", "high")).not.toContain("freeze");
    expect(at("2026-11-20T15:00:00Z", "medium")).not.toContain("freeze");
    // 16:00 in Berlin is 14:00 UTC in summer.
    expect(at("2026-07-24T13:59:00Z", "high")).not.toContain("freeze");
    expect(at("2026-07-24T14:00:00Z", "high")).toContain("freeze");
    // It ends at the first minute that is not in it.
    expect(at("2026-12-01T00:00:00Z", "low")).toEqual([]);
    expect(at("2026-11-30T23:59:59Z", "low")).toEqual(["approvals"]);
  });
});

describe("approvals", () => {
  const { digest } = evaluatePolicy(planOf("high"), policy, facts);
  const council = { check: "approval-council" };
  const compliance = signed(ana, { check: "compliance" }, { digest });

  function judge(given: PolicyFacts["given"]): ReturnType<typeof evaluatePolicy> {
    return evaluatePolicy(planOf("high"), policy, { ...facts, given });
  }

  test("of two of the council and the checklist let it start", () => {
    const given = [signed(ana, council, { digest }), signed(bo, council, { digest }), compliance];
    const found = judge(given);
    expect(found.problems).toEqual([]);
    expect(found.words.map(({ authority }) => authority?.person)).toEqual(["ana", "bo", "ana"]);
  });

  test("that are missing are told all at once, with the command that gives them", () => {
    const { problems } = judge([]);
    expect(problems.map(({ message }) => message)).toEqual([
      "compliance (compliance review complete) is not given: 1 more of steward",
      "approval-council (approve this rollout) is not given: 2 more of council",
    ]);
    expect(problems[0]?.fix).toBe("each of them: canary confirm compliance --plan p.yaml");
  });

  test("count by person: the same one twice is one", () => {
    const twice = [signed(ana, council, { digest }), signed(ana, council, { digest }), compliance];
    expect(judge(twice).problems.map(({ message }) => message)).toEqual([
      "approval-council (approve this rollout) is not given: 1 more of council, besides ana",
    ]);
  });

  test("of another plan count for nothing, and say so", () => {
    const old = { digest: "0".repeat(64) };
    const given = [signed(ana, council, old), signed(bo, council, old), compliance];
    const { problems, words } = judge(given);
    expect(words).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain("ana signed the plan 000000000000");
    expect(problems[0]?.message).toContain("bo signed the plan 000000000000");
  });

  test("are over with one no, which says who and why", () => {
    const no = signed(bo, { ...council, yes: false, reason: "not tested" }, { digest });
    const { problems } = judge([signed(ana, council, { digest }), no, compliance]);
    expect(problems).toMatchObject([
      { message: "bo said no to approval-council (approve this rollout): not tested" },
    ]);
  });

  test("change with everything that the rollout does, and with the policy", () => {
    const other = evaluatePolicy(planOf("high", { maxBlind: 1 }), policy, facts);
    const { override: _override, ...rest } = policy;
    const looser = evaluatePolicy(planOf("high"), { ...rest, override: { council: 1 } }, facts);
    expect(new Set([digest, other.digest, looser.digest]).size).toBe(3);
  });
});

test("what an earlier rollout owes, and is late, keeps the next from starting", () => {
  const overdue = [{ text: "root cause analysis", command: "canary confirm r1 rca" }];
  const { problems } = evaluatePolicy(planOf("low"), policy, { ...facts, overdue });
  expect(problems).toMatchObject([{ rule: "tasks", isMissingWord: false }]);
  expect(problems[0]?.fix).toContain("canary confirm r1 rca");
});
