import { expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { initTemplate } from "../../src/plan/init-template.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";
import { fakeCatalog } from "./fake-catalog.ts";

test.each([
  ["the fake drivers", fakeCatalog],
  ["the real drivers", builtInDrivers()],
])("the plan of `canary init` lints clean with %s", (_, catalog) => {
  const file = { path: "canary.yaml", text: initTemplate() };
  const { plan, diagnostics } = loadPlan(file, { catalog, set: {}, useExamples: true });
  expect(diagnostics).toEqual([]);
  expect(plan?.stages.map(({ name, share, soak }) => [name, share, soak])).toEqual([
    ["pilot", 1, 900_000],
    ["quarter", 25, 900_000],
    ["full", 100, 1_800_000],
  ]);
});

test("it names its schema for editors, in the first line", () => {
  expect(initTemplate()).toMatch(/^# yaml-language-server: \$schema=\S+\n/);
});
