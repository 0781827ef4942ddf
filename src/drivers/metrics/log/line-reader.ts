import { linePattern } from "../../line-pattern.ts";
import { LOGGED_UNITS, type LogQuery } from "./log-query.ts";
import { findPersonal, type PersonalClass } from "./personal-data.ts";

/** What one line says to a query. */
export interface LineFinding {
  /** Whether it counts at all: `where`. */
  readonly counts: boolean;
  /** Whether it is of the counted or judged part: `count`, else `bad`, else `good`. */
  readonly part: boolean;
  /** Whether it is of the whole that the part belongs to. */
  readonly whole: boolean;
  /** The number that `of` finds, in base units; null when the line has none, NaN when what it finds is no number. */
  readonly number: number | null;
  readonly personal: readonly PersonalClass[];
}

export type LineReader = (text: string) => LineFinding;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/iu;

/** Compiles a query that its schema accepted. */
export function lineReader(query: LogQuery): LineReader {
  const where = tester(query.where, true);
  const part = tester(query.count ?? query.bad ?? query.good, false);
  const whole = wholeOf(query);
  const of = query.of === undefined ? null : linePattern(query.of);
  const factor = query.in === undefined ? 1 : LOGGED_UNITS[query.in];
  const isAllowed = allowed(query.allow ?? []);
  const scan = query.scan ?? [];
  return (text) => {
    if (!where(text)) return NOTHING;
    const isPart = part(text);
    return {
      counts: true,
      part: isPart,
      whole: whole(text, isPart),
      number: of === null ? null : numberIn(of, text, factor),
      personal: findPersonal(text, scan, isAllowed).map(({ kind }) => kind),
    };
  };
}

const NOTHING: LineFinding = {
  counts: false,
  part: false,
  whole: false,
  number: null,
  personal: [],
};

function tester(pattern: string | undefined, otherwise: boolean): (text: string) => boolean {
  const compiled = pattern === undefined ? null : linePattern(pattern);
  return compiled === null ? () => otherwise : (text) => compiled.test(text);
}

/** A line that is bad is never good as well, so that good and bad add up. */
function wholeOf({ bad, good, total }: LogQuery): (text: string, isPart: boolean) => boolean {
  if (total !== undefined) return tester(total, false);
  const isGood = tester(bad === undefined ? undefined : good, false);
  return (text, isPart) => isPart || isGood(text);
}

function numberIn(of: RegExp, text: string, factor: number): number | null {
  const match = of.exec(text);
  if (match === null) return null;
  const found = match[1] ?? "";
  return NUMBER.test(found) ? Number(found) * factor : Number.NaN;
}

function allowed(list: readonly string[]): (text: string) => boolean {
  const texts = new Set(list.map((each) => each.toLowerCase()));
  const patterns = list.flatMap((each) => {
    const pattern = /^\/.*\/[imsu]*$/u.test(each) ? linePattern(each) : null;
    return pattern === null ? [] : [pattern];
  });
  return (text) => texts.has(text.toLowerCase()) || patterns.some((pattern) => pattern.test(text));
}
