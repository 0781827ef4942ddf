import * as fc from "fast-check";
import { expect, test } from "vitest";

import { parseExposition, type Exposition } from "../../../src/drivers/metrics/parse-exposition.ts";

/** What was read, as plain data. */
function read(body: string, format: "text" | "openmetrics" = "text"): unknown {
  const parsed = parseExposition(body, format);
  return parsed.kind === "error"
    ? parsed.why
    : parsed.samples.map(({ name, labels, value, at }) => [
        name,
        Object.fromEntries(labels),
        value,
        at,
      ]);
}

test("reads names, labels, values and times of the text format", () => {
  const body = [
    '# HELP http_requests_total Requests {with} "odd" text.',
    "# TYPE http_requests_total counter",
    "",
    "# a comment",
    'http_requests_total{method="post",code="200"} 1027 1395066363000',
    "bare 12.47",
    'spaces {a = "b" , c="d", } \t +1.5e-03  ',
    "weird NaN",
    "up +Inf\r",
    "down -Inf",
  ].join("\n");
  expect(read(body)).toEqual(
    [
      ["http_requests_total", { method: "post", code: "200" }, 1027, 1_395_066_363_000],
      ["bare", {}, 12.47, null],
      ["weird", {}, Number.NaN, null],
      ["up", {}, Infinity, null],
      ["down", {}, -Infinity, null],
    ].toSpliced(2, 0, ["spaces", { a: "b", c: "d" }, 0.0015, null]),
  );
});

test("reads OpenMetrics: times in seconds, exemplars passed over, the end", () => {
  const body = [
    "# TYPE h histogram",
    'h_bucket{le="0.1"} 8 # {} 0.054',
    'h_bucket{le="1.0"} 11 1520879607.789 # {trace_id="KOO5S4vxi0o # }"} 0.67 1520879607.7',
    'h_bucket{le="+Inf"} 17 # {a="b"} 9.8 1520879607.789',
    "# EOF",
    "",
  ].join("\n");
  expect(read(body, "openmetrics")).toEqual([
    ["h_bucket", { le: "0.1" }, 8, null],
    ["h_bucket", { le: "1.0" }, 11, 1_520_879_607_789],
    ["h_bucket", { le: "+Inf" }, 17, null],
  ]);
});

test("reads escapes, braces and commas in values, and quoted names", () => {
  expect(read(String.raw`m{path="C:\\dir\n\"x\"",re="a\.b",odd="},{\\"} 1`)).toEqual([
    ["m", { path: 'C:\\dir\n"x"', re: "a\\.b", odd: "},{\\" }, 1, null],
  ]);
  expect(read('{"my.metric","a.b"="c"} 2')).toEqual([["my.metric", { "a.b": "c" }, 2, null]]);
});

test.each([
  ["<html><body>sign in</body></html>", "line 1 is not a metric: <html>"],
  ['{"error":"backend is down"}', "line 1 has labels that cannot be read"],
  ["ok 1\nerror: no backend", "line 2 has no readable value"],
  ["m", "no readable value"],
  ["m ", "no readable value"],
  ["m 1 2 3", "no readable value"],
  ["m 0x10", "no readable value"],
  ["m 1_000", "no readable value"],
  ["m 1 soon", "unreadable time"],
  ["m 1 NaN", "unreadable time"],
  ['m{a="b" 1', "labels that cannot be read"],
  ['m{a="b', "labels that cannot be read"],
  ["m{a=b} 1", "labels that cannot be read"],
  ['m{a="b"c="d"} 1', "labels that cannot be read"],
  ['m{a="b",a="c"} 1', "labels that cannot be read"],
  ["{} 1", "is not a metric"],
  ["", "no samples"],
  ["# only a comment\n", "no samples"],
])("%j is an error", (body, why) => {
  expect(read(body)).toContain(why);
});

test("OpenMetrics that ends early, or goes on after its end, is an error", () => {
  expect(read("m 1\n", "openmetrics")).toContain("cut off");
  expect(read("m 1\n# EOF\nm 2\n", "openmetrics")).toContain("line 3 stands after # EOF");
});

test("a value of a million digits is refused without being tried", () => {
  expect(read(`m ${"1".repeat(1_000_000)}x`)).toContain("no readable value");
});

const label = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/);
const sample = fc.record({
  name: fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,8}$/),
  labels: fc.dictionary(label, fc.string({ unit: "binary", maxLength: 12 }), { maxKeys: 4 }),
  // Text does not keep the sign of zero.
  value: fc.double().map((value) => (value === 0 ? 0 : value)),
});

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

test("whatever is written is read back", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 8 }), (samples) => {
      const lines = samples.map(({ name, labels, value }) => {
        const inside = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
        const shown = Object.is(value, Infinity) ? "+Inf" : value === -Infinity ? "-Inf" : value;
        return `${name}{${inside.join(",")}} ${shown}`;
      });
      expect(read(lines.join("\n"))).toEqual(
        samples.map(({ name, labels, value }) => [name, { ...labels }, value, null]),
      );
    }),
  );
});

test("no text makes it throw", () => {
  const piece = fc.oneof(
    fc.constantFrom("m", "{", "}", '"', "\\", "=", ",", " ", "\n", "# EOF", "#", "1", "NaN", "le"),
    fc.string({ maxLength: 5 }),
  );
  const kinds = new Set<Exposition["kind"]>();
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom("text" as const, "openmetrics" as const),
      (pieces, format) => {
        kinds.add(parseExposition(pieces.join(""), format).kind);
      },
    ),
    { numRuns: 2000 },
  );
  expect(kinds).toContain("error");
});
