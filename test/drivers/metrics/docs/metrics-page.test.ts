import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { builtInDrivers } from "../../../../src/drivers/registry.ts";
import { lint } from "../../../plan/support/lint.ts";
import { everySource } from "../no-data/every-source.ts";
import { metricsPage } from "./metrics-page.ts";

const catalog = builtInDrivers();

test("docs/metrics.md has every source (write it anew with `npx vitest run test/drivers/metrics/docs -u`)", async () => {
  const page = join(import.meta.dirname, "../../../../docs/metrics.md");
  await expect(metricsPage(catalog, everySource)).toMatchFileSnapshot(page);
});

test("the notes name tests that are there, and that have the source in their hands", () => {
  const strange = everySource.flatMap(({ source, note }) =>
    note.proofs.flatMap(([path]) => {
      const file = join(import.meta.dirname, "..", path);
      const holds = new RegExp(`(?:/|^)${source}(?:-cases)?\\.ts"|type: "?${source}`, "u");
      return existsSync(file) && holds.test(readFileSync(file, "utf8"))
        ? []
        : [`${source}: ${path}`];
    }),
  );
  expect(strange).toEqual([]);
});

test.each(everySource)("the example of $source says nothing wrong", ({ note }) => {
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
