import type { Millis } from "../../core/units.ts";
import { fillText } from "../template.ts";

export interface SqlProblem {
  readonly message: string;
  readonly offset: number;
}

/**
 * What is wrong with a query that is to measure and do nothing else; null when nothing is. The databases are asked in a
 * read-only session besides: this is for the message, and for what a client program would do itself.
 */
export function sqlProblem(text: string): SqlProblem | null {
  const code = masked(text);
  if (!/^\s*(?:select|with)\b/iu.test(code))
    return { offset: 0, message: "only a SELECT measures" };
  const second = code.search(/;\s*\S/u);
  if (second >= 0) return { offset: second, message: "this is several statements: write one" };
  const command = code.indexOf("\\");
  if (command >= 0)
    return { offset: command, message: "this would be a command of the client program" };
  const into = code.search(/\binto\b/iu);
  return into < 0 ? null : { offset: into, message: "INTO would write: leave it out" };
}

/** Puts the asked window in place of `${window}`, as a number of seconds: `interval '${window} seconds'`. */
export function fillSqlWindow(text: string, window: Millis): string {
  const seconds = Math.max(1, Math.round(window)) / 1000;
  return fillText(text, (name) => (name === "window" ? seconds : undefined));
}

/** The text with everything between quotes blanked out, of the same length. */
function masked(text: string): string {
  return text.replaceAll(/'(?:''|[^'])*'|"(?:""|[^"])*"|`[^`]*`/gu, (quoted) =>
    "_".repeat(quoted.length),
  );
}
