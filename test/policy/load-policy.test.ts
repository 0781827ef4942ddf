import { expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPolicy, type LoadedPolicy } from "../../src/policy/load-policy.ts";
import { COUNCIL } from "./support/council-policy.ts";

const catalog = builtInDrivers();

function load(text: string): LoadedPolicy {
  return loadPolicy({ path: "canary.policy.yaml", text }, { catalog, params: null });
}

/** The policy with one of its texts written otherwise. */
function withOther(text: string, other: string): LoadedPolicy {
  expect(COUNCIL).toContain(text);
  return load(COUNCIL.replace(text, other));
}

test("a policy says who there is, what tiers ask for, and when nothing starts", () => {
  const { policy, diagnostics } = load(COUNCIL);
  expect(diagnostics).toEqual([]);
  expect(policy?.people["bot"]).toEqual({
    roles: ["ops"],
    keys: [],
    token: "${env:KILL_SWITCH_TOKEN}",
  });
  expect(policy?.tiers.map(({ name }) => name)).toEqual(["low", "medium", "high"]);
  expect(policy?.tiers[2]).toEqual({
    name: "high",
    checks: ["ci", "scan", "compliance"],
    approvals: { council: 2 },
    soak: 600_000,
    monitor: 14_400_000,
    firstShare: 1,
    stages: 1,
    notice: 0,
  });
  expect(policy?.paths.map(({ pattern, tier }) => [pattern, tier])).toEqual([
    ["src/backend/payments/**", "high"],
    ["**/migrations/**", "medium"],
  ]);
  expect(policy?.freeze.map(({ when }) => when)).toEqual([
    { kind: "between", from: Date.UTC(2026, 10, 27), to: Date.UTC(2026, 11, 1) },
    {
      kind: "weekly",
      text: "Fri 16:00 - Mon 08:00",
      from: 4 * 1440 + 960,
      to: 480,
      zone: "Europe/Berlin",
    },
  ]);
  expect(policy?.checks["ci"]?.input).toEqual({ run: ["./ci-passed", "example"] });
  expect(policy?.tasks).toEqual([
    { name: "rca", text: "root cause analysis", by: "steward", within: 86_400_000 },
  ]);
});

test("what is not said has the safe default: the highest tier, anybody stops, nobody overrides", () => {
  const text = COUNCIL.replace("defaultTier: medium\n", "")
    .replace("stop: [council, steward, ops]\n", "")
    .replace("override: { council: 2 }\n", "");
  const { policy } = load(text);
  expect(policy?.defaultTier).toBe("high");
  expect(policy?.stop).toEqual(["council", "steward", "ops"]);
  expect(policy?.override).toBeNull();
});

test("the checks of a policy take the values of the plan that it is read for", () => {
  const file = { path: "p.yaml", text: COUNCIL };
  const params = new Map([["version", "v2.1.0"]]);
  const { policy } = loadPolicy(file, { catalog, params });
  expect(policy?.checks["ci"]?.input).toEqual({ run: ["./ci-passed", "v2.1.0"] });
  const other = loadPolicy(file, { catalog, params: new Map() });
  expect(other.policy).toBeNull();
  expect(other.diagnostics[0]).toMatchObject({ code: "unknown-param", file: "p.yaml" });
});

test.for([
  ["roles: [council]", "roles: council", "wrong-type", "council"],
  ["defaultTier: medium", "defaultTier: medum", "wrong-value", "medium"],
  ["{ tier: medium,", "{ tier: critical,", "wrong-value", "low, medium, high"],
  ["checks: [ci, scan],", "checks: [ci, scann],", "unknown-check", "scan"],
  ["override: { council: 2 }", "override: { council: 3 }", "wrong-value", "canary key"],
  ["override: { council: 2 }", "override: { counsil: 1 }", "wrong-value", "council"],
  ["resume: { steward: 1 }", "resume: { steward: 0 }", "wrong-value", "1"],
  ["by: council", "by: privacy", "wrong-value", "council"],
  ["monitor: 4h", "monitr: 4h", "unknown-key", "monitor"],
  ["monitor: 4h", "monitor: 4", "wrong-value", "4s"],
  ["from: 2026-11-27", "from: 2026-11-99", "wrong-value", "one that is"],
  ["to: 2026-12-01", "to: 2026-11-01", "wrong-value", "later"],
  ["Fri 16:00 - Mon 08:00", "Fri to Mon", "wrong-value", "Fri 16:00 - Mon 08:00"],
  ["zone: Europe/Berlin", "zone: Europe/Bärlin", "wrong-value", "Europe/Berlin"],
  ["weekly: Fri 16:00 - Mon 08:00,", "from: 2026-01-01,", "two-kinds", "weekly"],
  ['"${env:KILL_SWITCH_TOKEN}"', "hunter2", "wrong-value", "${env:NAME}"],
  ["tiers:\n  low", "tiiers:\n  low", "unknown-key", "tiers"],
  ["kind: Policy", "kind: Plan", "wrong-value", "Policy"],
  ["within: 24h", "withn: 24h", "missing-key", "within"],
  [`I${"B".repeat(43)}`, `I${"B".repeat(40)}`, "wrong-value", "canary key"],
  [`I${"B".repeat(43)}`, `I${"A".repeat(43)}`, "duplicate", "a key of their own"],
  [`I${"C".repeat(43)}`, `I${"A".repeat(43)}`, "duplicate", "a key of their own"],
] as const)("%s → %s is told at its place", ([text, other, code, fix]) => {
  const { policy, diagnostics } = withOther(text, other);
  expect(policy).toBeNull();
  const found = diagnostics.find((each) => each.code === code);
  expect(found, JSON.stringify(diagnostics)).toBeDefined();
  expect(found?.fix).toContain(fix);
  expect(found?.line).toBeGreaterThan(1);
});

test("several mistakes are told at once, in the order of the file", () => {
  const text = COUNCIL.replace("resume: { steward: 1 }", "resume: { stuart: 1 }").replace(
    "kind: Policy",
    "kind: Plan",
  );
  const lines = load(text).diagnostics.map(({ line }) => line);
  expect(lines).toEqual([2, 10]);
});

test.for(["", "- a", "people: [", "12", "apiVersion: canary/v1"])("%j is no policy", (text) => {
  const { policy, diagnostics } = load(text);
  expect(policy).toBeNull();
  expect(diagnostics.length).toBeGreaterThan(0);
});
