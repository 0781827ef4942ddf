import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { lint } from "../support/lint.ts";

const text = readFileSync(join(import.meta.dirname, "plans/edit-and-reload-apart.yaml"), "utf8");
const lines = text.split("\n");

/** What tired people, other tools and templates leave in a plan. */
const junk = fc.constantFrom(
  "null",
  "{}",
  "[]",
  "[ [] ]",
  "5",
  "-1",
  "true",
  "''",
  "5%",
  "10m",
  "p95 < 200ms",
  "'${params.version}'",
  "'${params.nothing}'",
  "'${outputs.x}'",
  "${stage.name}",
  "*a",
  "&a b",
  "!!binary x",
  ".nan",
  "1e999",
  "0x10",
  "2020-01-01",
  '"\\0"',
  "__proto__",
  "constructor",
  "toString passes",
  "{ __proto__: 1 }",
  "- x",
  "{{ .Values.soak }}",
);
const place = fc.nat(lines.length - 1);

/** One slip: a line lost, doubled, moved, or with something else after its colon or in place of a word. */
const slip = fc.oneof(
  place.map((at) => (all: string[]) => all.toSpliced(at, 1)),
  fc.tuple(place, place).map(
    ([from, to]) =>
      (all: string[]) =>
        all.toSpliced(to, 0, all[from] ?? ""),
  ),
  fc.tuple(place, junk).map(
    ([at, value]) =>
      (all: string[]) =>
        all.with(
          Math.min(at, all.length - 1),
          (all[at] ?? "").replace(/: .*$/, () => `: ${value}`),
        ),
  ),
  fc.tuple(place, fc.nat(9), junk).map(([at, word, value]) => (all: string[]) => {
    const parts = (all[at] ?? "").split(/([\s,:[\]{}]+)/);
    return all.with(Math.min(at, all.length - 1), parts.with(word % parts.length, value).join(""));
  }),
);

test("whatever a plan holds, it is told in its lines, with something to do about it", () => {
  fc.assert(
    fc.property(fc.array(slip, { minLength: 1, maxLength: 3 }), (slips) => {
      const given = slips.reduce((all, change) => change(all), lines);
      for (const { line, col, endCol, message, fix } of lint(given.join("\n"))) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(given.length);
        expect(endCol).toBeGreaterThan(col);
        expect(message).not.toMatch(/undefined|NaN/);
        expect(fix === null || fix.length > 3).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});
