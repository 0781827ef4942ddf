import type { Counts, Look } from "../../core/judge/rate-test.ts";
import { cellColumn, splitCsv } from "./split-csv.ts";

/** One row of a table of counts: what one run saw in one look. */
export interface Row extends Look {
  /** As it stands in the table. */
  readonly run: string | number;
  /** Empty where the table has no such column. */
  readonly metric: string;
}

/** What is wrong with a line, and what it should be. */
export interface BadCell {
  readonly problem: string;
  /** Where in its line the cell stands, from 1; 1 where no single cell is to blame. */
  readonly column: number;
}

/** A line that is no row, with everything that is wrong with it. */
export interface BadLine {
  readonly problems: readonly BadCell[];
  /** Without its first line no other can be read. */
  readonly isHeader: boolean;
}

/** What is wrong with a row, and the name of the cell; null where no single one is to blame. */
interface Fault {
  readonly problem: string;
  readonly cell: string | null;
}

const COUNTS = ["canary_events", "canary_total", "stable_events", "stable_total"] as const;
const NEEDED = ["run", ...COUNTS] as const;
/** Beyond, a number stands for several: nothing that is counted by ones is that large. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The cell of a column of one line. */
type Cell = (name: string) => unknown;

/** Gives for each line of a table, in order, its row; null for one that holds none, such as the header or an empty line. */
export type TableReader = (line: string) => Row | BadLine | null;

/**
 * Reads the lines of one table: NDJSON if the first line begins with `{`, else CSV whose first line names its columns.
 * `isCount`: events are no part of the totals, which are an exposure of any size.
 */
export function tableReader(isCount: boolean): TableReader {
  let read: TableReader | null = null;
  return (line) => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.trim() === "") return null;
    if (read !== null) return read(text);
    if (text.trimStart().startsWith("{")) {
      read = (json) =>
        placed(rowOf(jsonCells(json), isCount), (cell) => json.indexOf(JSON.stringify(cell)) + 1);
      return read(text);
    }
    const columns = (splitCsv(text) ?? []).map((name) => name.trim());
    read = csvReader(columns, isCount);
    const problems = headerProblems(columns, text).map((problem) => ({ problem, column: 1 }));
    return problems.length === 0 ? null : { problems, isHeader: true };
  };
}

function csvReader(columns: readonly string[], isCount: boolean): TableReader {
  const places = new Map(columns.map((name, at) => [name, at]));
  return (line) => {
    const cells = splitCsv(line);
    if (cells === null)
      return badLine("a quote is not closed: a cell ends in the line in which it begins");
    if (cells.length !== columns.length)
      return badLine(
        `${cells.length} cells, but the first line names ${columns.length} columns: write one for each`,
      );
    return placed(
      rowOf((name) => cells[places.get(name) ?? -1], isCount),
      (cell) => cellColumn(line, places.get(cell) ?? 0),
    );
  };
}

function badLine(problem: string): BadLine {
  return { problems: [{ problem, column: 1 }], isHeader: false };
}

function placed(row: Row | readonly Fault[], columnOf: (cell: string) => number): Row | BadLine {
  if ("run" in row) return row;
  const problems = row.map(({ problem, cell }) => ({
    problem,
    column: cell === null ? 1 : Math.max(1, columnOf(cell)),
  }));
  return { problems, isHeader: false };
}

function headerProblems(columns: readonly string[], line: string): readonly string[] {
  const twice = [...NEEDED, "metric"].filter(
    (name) => columns.indexOf(name) !== columns.lastIndexOf(name),
  );
  const missing = NEEDED.filter((name) => !columns.includes(name));
  const problems = twice.map((name) => `the column ${name} stands twice: leave out one`);
  if (missing.length === 0) return problems;
  const needed = `the first line has to name the columns ${NEEDED.join(",")}; missing: ${missing.join(", ")}`;
  return [...problems, `${needed}${separatorOf(line)}`];
}

/** What the table seems to be written in instead. */
function separatorOf(line: string): string {
  if (line.trimStart().startsWith("["))
    return "; this seems to be a JSON array: write one object a line, without brackets around";
  const other = line.includes(";") ? "semicolons" : line.includes("\t") ? "tabs" : null;
  return other === null ? "" : `; its cells seem to be set apart by ${other}: write commas`;
}

function rowOf(cell: Cell | null, isCount: boolean): Row | readonly Fault[] {
  if (cell === null)
    return [{ problem: "not a JSON object: write one whole object a line", cell: null }];
  const [run, metric] = [cell("run"), cell("metric") ?? ""];
  const faults: Fault[] = [];
  if (!isName(run) || run === "") faults.push(noName("run", run));
  if (!isName(metric)) faults.push(noName("metric", metric));
  const counts = COUNTS.map((name) => {
    const value = countOf(cell(name));
    if (value === null) faults.push(noCount(name, cell(name)));
    else if (value > MOST) faults.push(tooLarge(name, cell(name)));
    return value ?? Number.NaN;
  });
  const [canaryEvents = 0, canaryTotal = 0, stableEvents = 0, stableTotal = 0] = counts;
  const canary = { events: canaryEvents, total: canaryTotal };
  const stable = { events: stableEvents, total: stableTotal };
  faults.push(...tooMany("canary", canary, isCount), ...tooMany("stable", stable, isCount));
  if (faults.length > 0 || !isName(run) || !isName(metric)) return faults;
  return { run, metric: String(metric), canary, stable };
}

function isName(cell: unknown): cell is string | number {
  return typeof cell === "string" || typeof cell === "number";
}

function noName(cell: string, given: unknown): Fault {
  return { problem: `${cell} ${shown(given)} is no name: write a text or a number`, cell };
}

function noCount(cell: string, given: unknown): Fault {
  return { problem: `${cell} ${shown(given)} is no count: write a number, 0 or more`, cell };
}

function tooLarge(cell: string, given: unknown): Fault {
  return { problem: `${cell} ${shown(given)} is too large: write ${MOST} at most`, cell };
}

/** Events are requests that failed, or were slow: never more than there were requests, and none where there were none. */
function tooMany(arm: string, { events, total }: Counts, isCount: boolean): readonly Fault[] {
  // Without a number there is nothing to compare, which is told already.
  if (!(events > (isCount && total > 0 ? Infinity : total))) return [];
  const cell = `${arm}_events`;
  const problem = isCount
    ? `${cell} ${events} without any ${arm}_total: state the exposure that they come from`
    : `${cell} ${events} is more than ${arm}_total ${total}: for events that are no part of the total add --counts`;
  return [{ problem, cell }];
}

function jsonCells(text: string): Cell | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const cells = new Map<string, unknown>(Object.entries(value));
    return (name) => cells.get(name);
  } catch {
    return null;
  }
}

const NUMBER = /^\s*\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/u;

function countOf(cell: unknown): number | null {
  const value =
    typeof cell === "number"
      ? cell
      : typeof cell === "string" && NUMBER.test(cell)
        ? Number(cell)
        : -1;
  return value >= 0 ? value : null;
}

function shown(cell: unknown): string {
  // JSON has no Infinity: what was written is too large for a number.
  if (typeof cell === "number") return String(cell);
  return cell === undefined ? "(missing)" : JSON.stringify(cell).slice(0, 40);
}
