import { expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";
import { shopPlan } from "./support/shop-plan.ts";

const checks = `
  smoke: { http: "http://localhost:8080/health" }
  alive: { http: "http://localhost:8080/health", interval: 10s }
  go: { confirm: go, by: lead }`;

/** Loads a plan of two stages, the second with \`previous\` alone; gives what it asks for and what is wrong. */
function full(first: string) {
  const stages = `
  - name: pilot
    traffic: 5%
    gates: [ ${first} ]
  - name: full
    traffic: 100%
    gates: [ previous ]`;
  const text = shopPlan({ checks, stages });
  const { plan, diagnostics } = loadPlan(
    { path: "plan.yaml", text },
    { catalog: builtInDrivers(), useExamples: true, set: {} },
  );
  const codes = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return {
    gates: plan?.stages[1]?.gates.map(({ condition }) => condition) ?? [],
    errors: codes.filter((code) => code.startsWith("no-previous")),
  };
}

const texts = (first: string): readonly string[] => full(first).gates.map(({ text }) => text);

test("`previous` repeats what is measured again and again, and no check that is made once", () => {
  expect(texts("p95 < 200ms, error_rate < 1%, smoke passes, alive passes, go confirmed")).toEqual([
    "p95 < 200ms",
    "error_rate < 1%",
    "alive passes",
  ]);
  expect(texts("p95 < 200ms, smoke fails")).toEqual(["p95 < 200ms"]);
});

test("of `all:` the rest is repeated, and an `any:` with a part that is asked once is not repeated at all", () => {
  const [all, ...others] = full(
    "{ all: [p95 < 200ms, smoke passes] }, { any: [error_rate < 1%, smoke passes] }",
  ).gates;
  expect(all).toMatchObject({ kind: "all", of: [{ text: "p95 < 200ms" }] });
  expect(others).toEqual([]);
});

test("a `previous` of which nothing is left is a plan error: the stage would pass without any gate", () => {
  for (const gates of ["smoke passes", "go confirmed", "{ any: [p95 < 200ms, smoke passes] }"])
    expect(full(gates).errors).toEqual([
      "no-previous: `previous` has nothing to repeat: what earlier stages ask, they ask once",
    ]);
  expect(full("p95 < 200ms").errors).toEqual([]);
});
