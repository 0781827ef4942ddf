import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { builtInDrivers } from "../../../../src/drivers/registry.ts";
import { lint } from "../../../plan/support/lint.ts";
import { everySource } from "../no-data/every-source.ts";
import { metricNotes } from "./metric-notes.ts";
import { metricsPage } from "./metrics-page.ts";

const catalog = builtInDrivers();

test("docs/metrics.md has every source (write it anew with `npx vitest run test/drivers/metrics/docs -u`)", async () => {
  const page = join(import.meta.dirname, "../../../../docs/metrics.md");
  await expect(metricsPage(catalog, everySource)).toMatchFileSnapshot(page);
});

test("there is a note on each source that is registered, and on no other", () => {
  expect(Object.keys(metricNotes).toSorted()).toEqual([...catalog.metrics.keys()].toSorted());
});

test("the notes name tests that are there", () => {
  const named = Object.values(metricNotes).flatMap(({ proofs }) => proofs.map(([path]) => path));
  expect(named.filter((path) => !existsSync(join(import.meta.dirname, "..", path)))).toEqual([]);
});

test.each(Object.entries(metricNotes))("the example of %s says nothing wrong", (_, note) => {
  const plan = `apiVersion: canary/v1
kind: Plan
name: example
connections:
  source: ${note.connection}
metrics:
${note.metrics.map((metric) => `  ${metric}`).join("\n")}
traffic:
  - stated: by invitation
stages:
  - name: pilot
    traffic: 5%
    soak: 10m
    gates: [ ${note.gates.join(", ")} ]
rollback:
  verify: { within: 10m, gates: [ ${note.gates[0] ?? ""} ] }
`;
  expect(lint(plan)).toEqual([]);
});
