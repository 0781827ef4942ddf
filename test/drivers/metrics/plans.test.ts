import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { lint } from "../../plan/support/lint.ts";

const plan = readFileSync(join(import.meta.dirname, "plans/many-sources.yaml"), "utf8");

/** The plan with this line of it replaced. */
function withLine(line: string, by: string): string {
  expect(plan).toContain(line);
  return plan.replace(line, by);
}

function told(text: string): readonly string[] {
  return lint(text).map(({ code, message }) => `${code}: ${message}`);
}

test("a plan that asks many sources at once has nothing wrong", () => {
  expect(lint(plan)).toEqual([]);
});

test.each([
  ["      - firing == 0\n", "      - firing over 5m == 0\n", "over-ignored"],
  ["cb_opens over stage == 0", "cb_opens == 0", "window-unfilled"],
  [", window: 1m }\n", " }\n", "window-unfilled"],
  ["lost over stage == 0", "lost == 0", "window-unfilled"],
  ["{ firing: 'service=", "{ minSamples: 5, firing: 'service=", "min-samples-uncounted"],
  ["SELECT mean(used) FROM", "SELECT used / size FROM", "query: InfluxQL makes 0"],
  ['"SELECT count(*) FROM orders', '"DELETE FROM orders', "query: only a SELECT"],
  ["sumSeries(shop.*.queue)", "sumSeries(shop.*.queue", "parenthesis"],
  ["of: 'latency=(\\d+)'", "of: 'latency=\\d+'", "parentheses"],
  ["count: Circuit breaker OPENED", "count: 'Circuit (breaker'", "does not parse"],
  ["client: psql", "client: oracle", '"oracle" is not a value'],
])("%s as %s is told", (line, by, expected) => {
  expect(told(withLine(line, by)).join("\n")).toContain(expected);
});
