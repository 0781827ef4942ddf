import { z } from "zod";

import type { Millis, WallTime } from "../../core/units.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { linePattern, linePatternInput } from "../line-pattern.ts";

/** A line that must come: its pattern, and how long after the line before it. */
export const wantedLineInput = z.union([
  linePatternInput,
  z.strictObject({
    line: linePatternInput.describe("the regular expression of the line"),
    after: durationInput.describe("how long after the line before, by the times that both state"),
    tolerance: durationInput.optional().describe("how far off that may be, without it 1s"),
  }),
]);

export type WantedLineInput = z.infer<typeof wantedLineInput>;

/** Logs often have whole seconds only. */
const TOLERANCE = "1s";
/** How many lines are kept for the next step: enough for any log that a person could read. */
const MOST_LINES = 100_000;

interface WantedLine {
  /** As the plan writes it. */
  readonly text: string;
  readonly pattern: RegExp;
  readonly delay: { readonly after: Millis; readonly tolerance: Millis } | null;
}

/** What a check looks for in the lines of a log. */
export interface LineSearch {
  readonly wanted: readonly WantedLine[];
  readonly unwanted: readonly RegExp[];
  /** The time that a line states; null where it states none. */
  readonly timeOf: (line: string) => WallTime | null;
}

/** How far a search has come. */
export interface LinesSeen {
  /** How many of the wanted lines have come. */
  readonly found: number;
  /** The time of the last of them. */
  readonly at: WallTime | null;
  /** What is wrong for good: a line that must not come, or one that came too early or too late. */
  readonly wrong: string | null;
  /** Why the delay between two lines cannot be told; null where it can. */
  readonly untimed: string | null;
  /** The lines after the last one that was wanted. */
  readonly rest: readonly string[];
}

export const nothingSeen: LinesSeen = { found: 0, at: null, wrong: null, untimed: null, rest: [] };

/** Compiles what a check looks for. Expects input that its schema accepted. */
export function lineSearch(
  input: {
    readonly lines?: readonly WantedLineInput[] | undefined;
    readonly never?: readonly string[] | undefined;
  },
  timeOf: LineSearch["timeOf"],
): LineSearch {
  return {
    wanted: (input.lines ?? []).map(wantedLine),
    unwanted: (input.never ?? []).map(compiled),
    timeOf,
  };
}

function wantedLine(input: WantedLineInput): WantedLine {
  if (typeof input === "string") return { text: input, pattern: compiled(input), delay: null };
  const { line, after, tolerance = TOLERANCE } = input;
  return {
    text: line,
    pattern: compiled(line),
    delay: { after: durationOf(after), tolerance: durationOf(tolerance) },
  };
}

function compiled(text: string): RegExp {
  const pattern = linePattern(text);
  if (pattern === null) throw new Error(`${text} was accepted and is no regular expression`);
  return pattern;
}

/** Looks through more lines, in their order. */
export function seeLines(
  before: LinesSeen,
  lines: readonly string[],
  search: LineSearch,
): LinesSeen {
  let seen = before;
  let from = -1;
  for (const [index, line] of lines.entries()) {
    const next = see(seen, line, search);
    if (next.found > seen.found) from = index;
    seen = next;
  }
  const rest = from < 0 ? before.rest.concat(lines) : lines.slice(from + 1);
  return { ...seen, rest: rest.slice(-MOST_LINES) };
}

function see(seen: LinesSeen, line: string, search: LineSearch): LinesSeen {
  const forbidden = search.unwanted.some((pattern) => pattern.test(line));
  const next = { ...seen, wrong: seen.wrong ?? (forbidden ? `has ${line.slice(0, 200)}` : null) };
  const wanted = search.wanted[seen.found];
  if (wanted === undefined || !wanted.pattern.test(line)) return next;
  const at = search.timeOf(line);
  const found = { ...next, found: seen.found + 1, at };
  if (wanted.delay === null) return found;
  const earlier = search.wanted[seen.found - 1]?.text ?? "the beginning";
  if (at === null || seen.at === null) {
    const which = at === null ? wanted.text : earlier;
    return { ...found, untimed: seen.untimed ?? `the line ${which} states no time` };
  }
  const { after, tolerance } = wanted.delay;
  const delay = at - seen.at;
  if (Math.abs(delay - after) <= tolerance) return found;
  const what = `has ${wanted.text} ${seconds(delay)} after ${earlier}`;
  const expected = `expected ${seconds(after)} ± ${seconds(tolerance)}`;
  return { ...found, wrong: found.wrong ?? `${what}, ${expected}` };
}

function seconds(ms: Millis): string {
  return `${ms / 1000}s`;
}

/** Whether waiting longer can change nothing. */
export function isDecided(seen: LinesSeen, { wanted, unwanted }: LineSearch): boolean {
  if (seen.wrong !== null || seen.untimed !== null) return true;
  return unwanted.length === 0 && seen.found === wanted.length;
}

/** What a search that is over found to be missing or wrong; null when everything is as expected. */
export function lineProblem(seen: LinesSeen, { wanted }: LineSearch): string | null {
  if (seen.wrong !== null) return seen.wrong;
  const missing = wanted[seen.found];
  if (missing === undefined) return null;
  const before = wanted[seen.found - 1];
  return `has no line ${missing.text}${before === undefined ? "" : ` after ${before.text}`}`;
}
