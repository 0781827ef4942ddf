import type { Position } from "./diagnostic.ts";

const WIDEST = 120;
/** Lines of context on either side. */
const AROUND = 1;

/** The lines of a source around a position, with numbers and a line of carets below the place. */
export interface Frame {
  readonly before: readonly string[];
  readonly line: string;
  readonly carets: string;
  readonly after: readonly string[];
}

/** Cuts out the lines around a position. Tabs become spaces, so that the carets stand below what they mean. */
export function codeFrame(text: string, { line, col, endLine, endCol }: Position): Frame {
  const lines = text.split(/\r\n|\r|\n/);
  const gutter = String(Math.min(line + AROUND, lines.length)).length;
  const numbered = (number: number, from: number): string =>
    `${String(number).padStart(gutter)} | ${shown(lines[number - 1] ?? "", from)}`.trimEnd();
  const content = lines[line - 1] ?? "";
  // A long line is cut so that the place is in sight.
  const from = col > WIDEST - 20 ? col - 40 : 0;
  const width = endLine === line ? endCol - col : content.length - col + 1;
  const room = Math.max(WIDEST - (col - 1 - from), 1);
  const carets = "^".repeat(Math.max(Math.min(width, room), 1));
  const range = (start: number, end: number): readonly string[] =>
    Array.from({ length: Math.max(end - start, 0) }, (_, index) => numbered(start + index, from));
  return {
    before: range(Math.max(line - AROUND, 1), line),
    line: numbered(line, from),
    carets: `${" ".repeat(gutter)} | ${" ".repeat(Math.max(col - 1 - from, 0))}${carets}`,
    after: range(line + 1, Math.min(line + AROUND, lines.length) + 1),
  };
}

function shown(line: string, from: number): string {
  const plain = line.replaceAll(/[\t\p{Cc}]/gu, " ").slice(from, from + WIDEST);
  return line.length > from + WIDEST ? `${plain.slice(0, -1)}…` : plain;
}
