import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPolicy } from "../../src/policy/load-policy.ts";
import { policySections, policyShape, tierShape } from "../../src/policy/policy-shape.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/policy.md"), "utf8");
const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(page) ?? [];

test("the example of docs/policy.md is a policy without problems", () => {
  const { policy, diagnostics } = loadPolicy(
    { path: "docs/policy.md", text: example },
    { catalog: builtInDrivers(), params: null },
  );
  expect(diagnostics).toEqual([]);
  expect(policy?.tiers).toHaveLength(3);
});

test("docs/policy.md shows every section and key, and every rule that a tier may have", () => {
  const keys = [...Object.keys(policySections), ...Object.keys(policyShape)];
  for (const key of keys.filter((each) => each !== "approvalsHold"))
    expect(example, key).toMatch(new RegExp(`^${key}:`, "mu"));
  for (const key of [...Object.keys(tierShape), "approvalsHold"])
    expect(page, key).toContain(`\`${key}\``);
});

test("the command lines of docs/policy.md are commands", async () => {
  const { commandTable } = await import("../../src/cli/command-table.ts");
  const named = [...page.matchAll(/`canary ([a-z]+)/gu)].map(([, name = ""]) => name);
  const known = new Set(commandTable.map(({ name }) => name));
  expect(new Set(named).size).toBeGreaterThan(6);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
