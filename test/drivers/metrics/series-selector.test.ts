import { expect, test } from "vitest";

import { parseSelector, selects } from "../../../src/drivers/metrics/series-selector.ts";

function chosen(text: string, labels: Readonly<Record<string, string>>, name = "m"): boolean {
  const selector = parseSelector(text);
  if ("kind" in selector) throw new Error(selector.message);
  return selects(selector, { name, labels: new Map(Object.entries(labels)), value: 1, at: null });
}

test.each([
  ["m", { a: "x" }, true],
  ["m{}", { a: "x" }, true],
  ['m{a="x"}', { a: "x" }, true],
  ['m{a="x"}', { a: "xy" }, false],
  ['m{a=""}', {}, true],
  ['m{a!="x"}', {}, true],
  ['m{a=~"5.."}', { a: "500" }, true],
  ['m{a=~"5.."}', { a: "1500" }, false],
  ['m{a=~"a|b"}', { a: "ab" }, false],
  ['m{a=~"(?i)GET"}', { a: "get" }, true],
  ['m{a!~"5.."}', { a: "500" }, false],
  ['m{a!~"5..", b = "}" ,}', { a: "200", b: "}" }, true],
  [String.raw`m{a=~"1\.2"}`, { a: "1x2" }, false],
])("%s of %j is %s", (text, labels, expected) => {
  expect(chosen(text, labels)).toBe(expected);
});

test("another name is another metric", () => {
  expect(chosen("m", {}, "m_total")).toBe(false);
});

test.each([
  ["", 0, "begins with"],
  ["5xx", 0, "begins with"],
  ["rate(m[5m])", 4, "no PromQL"],
  ["m[5m]", 1, "no PromQL"],
  ['m{a="x"}[5m]', 8, "no PromQL"],
  ['m{a="x"', 1, "not closed"],
  ['m{a="x', 4, "double quotes"],
  ["m{a='x'}", 4, "double quotes"],
  ["m{a}", 2, "looks like"],
  ['m{a="x" b="y"}', 8, "commas"],
  ['m{a=~"("}', 5, "not a regular expression"],
])("%j is wrong at %i", (text, offset, message) => {
  expect(parseSelector(text)).toEqual({
    kind: "problem",
    offset,
    message: expect.stringContaining(message),
  });
});
