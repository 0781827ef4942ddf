import { expect, test } from "vitest";

import { readSource } from "../../../src/plan/source/read-source.ts";

const told = (text: string): readonly (string | null)[] =>
  readSource("p.yaml", text).diagnostics.map(
    ({ line, col, code, fix }) => `${line}:${col} ${code} ${fix ?? ""}`,
  );

test.for([
  ["a: { query: sum by (le, code) (x), unit: s }", '"sum by (le, code) (x)"', "1:13"],
  ["a: [max by (a, b) (x)]", '"max by (a, b) (x)"', "1:5"],
  ["a: [one, f(g(1, 2), 3, h(4, 5)), two]", '"f(g(1, 2), 3, h(4, 5))"', "1:10"],
  ["a:\n  - { q: f(1,\n      2) }", '"f(1, 2)"', "2:10"],
  ["a: { deep: { q: f(1, 2) } }", '"f(1, 2)"', "1:17"],
] as const)("%s is told with the whole text to write", ([text, fix, place]) => {
  expect(told(text)).toEqual([`${place} unquoted-comma write ${fix}`]);
  expect(readSource("p.yaml", text).source).toBeNull();
});

test("two of them are told each", () => {
  expect(told("a: [f(1, 2), g(3, 4)]")).toHaveLength(2);
});

test.for([
  "a: [ 'f(1, 2)', \"g(3, 4)\" ]",
  "a: [ f(1), g(2) ]",
  "a: { q: f(1), unit: s }",
  "a:\n  q: sum by (le, code) (x)",
  "a: [ f(1, { b: 2 }, 3) ]",
  "a: [ '(open', closed) ]",
  "a: [ (open, and never closed ]",
  "a: [ closed), (open ]",
])("%s is what it says", (text) => {
  expect(told(text).filter((each) => each?.includes("unquoted-comma"))).toEqual([]);
});

test.for(["a: { q: rate(x[5m]) }", 'a: { q: rate(x{b="c"}[5m]) }'])(
  "the brackets of %s are told in words that say to quote it",
  (text) => {
    expect(told(text).join("\n")).toContain("put the whole text in quotes");
  },
);
