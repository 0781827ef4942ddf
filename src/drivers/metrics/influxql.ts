import type { Millis } from "../../core/units.ts";

/** What comes after the sources of a SELECT and its conditions. */
const AFTER_WHERE = /^(?:group|order|limit|offset|slimit|soffset|fill|tz|into)\b/iu;
const UNITS: Readonly<Record<string, Millis>> = {
  ns: 1e-6,
  u: 1e-3,
  µ: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** How far back from now a query looks, as its text says; null when it leaves that open, 0 when it names no bound. */
export function influxqlReach(text: string): Millis | null {
  const code = masked(text);
  if (code.includes("${window}")) return null;
  const bounds = [...code.matchAll(/now\(\)\s*-\s*(\d+)(ns|ms|[uµsmhdw])/giu)];
  return Math.max(
    0,
    ...bounds.map(([, n, unit = ""]) => Number(n) * (UNITS[unit.toLowerCase()] ?? 0)),
  );
}

export interface InfluxqlProblem {
  readonly message: string;
  readonly offset: number;
}

/** What is wrong with a query that is to measure and do nothing else; null when nothing is. */
export function influxqlProblem(text: string): InfluxqlProblem | null {
  const code = masked(text);
  // InfluxDB 1 carries out a DROP that comes by GET, with no more than a warning.
  if (!/^\s*select\b/iu.test(code)) return { offset: 0, message: "only a SELECT measures" };
  const second = code.search(/;\s*\S/u);
  if (second >= 0) return { offset: second, message: "this is several statements: write one" };
  const into = code.search(/\binto\b/iu);
  if (into >= 0) return { offset: into, message: "INTO would write: leave it out" };
  const division = divisionIn(code);
  return division === null ? null : { offset: division, message: DIVISION };
}

const DIVISION =
  "InfluxQL makes 0 of a division by 0, and 0 would pass: write the two sides as `bad` and `total`";

/** Where `code` divides by anything but a number. */
function divisionIn(code: string): number | null {
  // A regular expression stands behind `=~`, `!~`, `from` and a comma.
  const bare = code.replaceAll(/(?<=(?:=~|!~|\bfrom|,)\s*)\/(?:\\.|[^/\\])*\//giu, (regex) =>
    " ".repeat(regex.length),
  );
  const found = bare.search(/\/(?!\s*\d+(?:\.\d+)?\s*(?:[,)+*-]|$|\bas\b|\bfrom\b))/iu);
  return found < 0 ? null : found;
}

/**
 * The query for the newest point that this one reads: what it selects from, under the same conditions, newest first.
 * Null when the text is no SELECT that can be followed.
 */
export function influxqlNewest(text: string): string | null {
  const code = masked(text);
  const from = keyword(code, /^from\b/iu, 0);
  if (from === null || !/^\s*select\b/iu.test(code)) return null;
  const start = from + 4;
  const end = keyword(code, AFTER_WHERE, start) ?? code.replace(/[\s;]+$/u, "").length;
  const inner = text.slice(start, end).trim();
  if (inner.startsWith("(")) {
    const close = closing(code, code.indexOf("(", start));
    return close === null ? null : influxqlNewest(text.slice(code.indexOf("(", start) + 1, close));
  }
  return inner === "" ? null : `SELECT * FROM ${inner} ORDER BY time DESC LIMIT 1`;
}

/** The text with everything between quotes blanked out, of the same length. */
function masked(text: string): string {
  return text.replaceAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/gu, (quoted) =>
    "_".repeat(quoted.length),
  );
}

/** Where a keyword begins that is in no parentheses, from `start` on. */
function keyword(code: string, pattern: RegExp, start: number): number | null {
  let depth = 0;
  for (let index = start; index < code.length; index += 1) {
    const char = code.charAt(index);
    if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    else if (depth === 0 && /\W/u.test(code.charAt(index - 1)) && pattern.test(code.slice(index)))
      return index;
  }
  return null;
}

function closing(code: string, open: number): number | null {
  let depth = 0;
  for (let index = open; index < code.length; index += 1) {
    if (code.charAt(index) === "(") depth += 1;
    if (code.charAt(index) === ")") depth -= 1;
    if (depth === 0) return index;
  }
  return null;
}
