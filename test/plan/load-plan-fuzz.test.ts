import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { loadPlan } from "../../src/plan/load-plan.ts";
import { renderDiagnostic } from "../../src/plan/render-diagnostic.ts";
import { fakeCatalog } from "./fake-catalog.ts";

const folder = join(import.meta.dirname, "good");
const plans = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
const anyPlan = fc.constantFrom(...plans);

/** What must hold for every text: it is told what is wrong, in words and at a place, and nothing is thrown. */
function holds(text: string): void {
  const file = { path: "p.yaml", text };
  const { plan, diagnostics } = loadPlan(file, {
    catalog: fakeCatalog,
    set: {},
    useExamples: true,
  });
  expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  for (const each of diagnostics) {
    expect(each.line).toBeGreaterThan(0);
    expect(each.col).toBeGreaterThan(0);
    expect(each.endCol).toBeGreaterThan(each.col);
    expect(renderDiagnostic(each, text)).toContain(`[${each.code}]`);
  }
}

test("a plan that was cut anywhere", () => {
  expect.hasAssertions();
  fc.assert(
    fc.property(anyPlan, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
      holds(text.slice(0, Math.floor(text.length * share)));
    }),
    { numRuns: 60 },
  );
});

test("a plan with lines taken out, doubled or swapped", () => {
  expect.hasAssertions();
  const edit = fc.tuple(fc.constantFrom("drop", "double", "swap"), fc.nat(), fc.nat());
  fc.assert(
    fc.property(anyPlan, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      let lines = text.split("\n");
      for (const [kind, a, b] of edits) {
        const [i, j] = [a % lines.length, b % lines.length];
        if (kind === "drop") lines = lines.toSpliced(i, 1);
        else if (kind === "double") lines = lines.toSpliced(i, 0, lines[i] ?? "");
        else lines = lines.with(i, lines[j] ?? "").with(j, lines[i] ?? "");
      }
      holds(lines.join("\n"));
    }),
    { numRuns: 60 },
  );
});

test("a plan with signs put in, quoted away or turned", () => {
  expect.hasAssertions();
  const sign = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    '"',
    "'",
    "&a ",
    "*a",
    "!x ",
    "${",
    "#",
    "\t",
    "|",
    "\n",
    "<<: ",
    "\u0000",
    "é",
  );
  fc.assert(
    fc.property(anyPlan, fc.nat(), sign, (text, where, put) => {
      const at = where % text.length;
      holds(text.slice(0, at) + put + text.slice(at));
    }),
    { numRuns: 200 },
  );
});

const section = fc.constantFrom(
  "apiVersion",
  "kind",
  "name",
  "about",
  "params",
  "connections",
  "metrics",
  "checks",
  "traffic",
  "preflight",
  "everyStage",
  "stages",
  "finish",
  "triggers",
  "rollback",
  "onRunnerLost",
  "maxBlind",
  "interval",
);
const word = fc.constantFrom(
  "name",
  "type",
  "if",
  "when",
  "any",
  "all",
  "for",
  "scale",
  "http",
  "run",
  "undo",
  "outputs",
  "traffic",
  "soak",
  "gates",
  "checks",
  "actions",
  "evidence",
  "verify",
  "gradual",
  "shares",
  "every",
  "default",
  "choices",
  "min",
  "rollback",
  "warn",
  "query",
  "total",
  "unit",
  "connection",
  "confirm",
  "metric",
  "as",
  "prometheus",
  "kubectl",
  "params.x == y",
  "p95 < 1s",
  "previous",
  "${params.x}",
  "${outputs.y}",
  "5m",
  "10%",
  "toString",
  "constructor",
);

test("sections of any shape and type", () => {
  expect.hasAssertions();
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string()),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(word, tie("tree"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(anyPlan, section, tree, (text, key, value) => {
      const without = text.replace(new RegExp(`^${key}:.*\\n(?:[ #-].*\\n|\\n)*`, "m"), "");
      holds(`${without}\n${key}: ${JSON.stringify(value)}\n`);
    }),
    { numRuns: 400 },
  );
});

test("any text and any bytes", () => {
  expect.hasAssertions();
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), holds), { numRuns: 200 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      holds(Buffer.from(bytes).toString("utf8"));
    }),
    { numRuns: 100 },
  );
});
