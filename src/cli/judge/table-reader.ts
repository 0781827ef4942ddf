import type { Counts, Look } from "../../core/judge/rate-test.ts";
import { cellColumn, splitCsv } from "./split-csv.ts";

/** One row of a table of counts: what one run saw in one look. */
export interface Row extends Look {
  /** As it stands in the table. */
  readonly run: string | number;
  /** Empty where the table has no such column. */
  readonly metric: string;
}

/** A line that is no row, and what it should be. */
export interface BadRow {
  readonly problem: string;
  /** Where in its line the cell stands, from 1; 1 where no single cell is to blame. */
  readonly column: number;
}

/** What is wrong with a row, and the name of the cell; null where no single one is to blame. */
interface Fault {
  readonly problem: string;
  readonly cell: string | null;
}

const COUNTS = ["canary_events", "canary_total", "stable_events", "stable_total"] as const;
const NEEDED = ["run", ...COUNTS] as const;

/** The cell of a column of one line. */
type Cell = (name: string) => unknown;

/** Gives for each line of a table, in order, its row; null for one that holds none, such as the header or an empty line. */
export type TableReader = (line: string) => Row | BadRow | null;

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
    return badHeader(columns);
  };
}

function csvReader(columns: readonly string[], isCount: boolean): TableReader {
  const places = new Map(columns.map((name, at) => [name, at]));
  return (line) => {
    const cells = splitCsv(line);
    if (cells === null) return { problem: "a quote is not closed", column: 1 };
    if (cells.length !== columns.length)
      return {
        problem: `${cells.length} cells, but the first line names ${columns.length} columns`,
        column: 1,
      };
    return placed(
      rowOf((name) => cells[places.get(name) ?? -1], isCount),
      (cell) => cellColumn(line, places.get(cell) ?? 0),
    );
  };
}

function placed(row: Row | Fault, columnOf: (cell: string) => number): Row | BadRow {
  if (!("problem" in row)) return row;
  const { problem, cell } = row;
  return { problem, column: cell === null ? 1 : Math.max(1, columnOf(cell)) };
}

function badHeader(columns: readonly string[]): BadRow | null {
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) return { problem: `the column ${twice} stands twice`, column: 1 };
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length === 0) return null;
  return {
    problem: `the first line has to name the columns ${NEEDED.join(",")}; missing: ${missing.join(", ")}`,
    column: 1,
  };
}

function rowOf(cell: Cell | null, isCount: boolean): Row | Fault {
  if (cell === null) return { problem: "not a JSON object", cell: null };
  const [run, metric] = [cell("run"), cell("metric")];
  if ((typeof run !== "string" && typeof run !== "number") || run === "")
    return { problem: `run ${shown(run)} is no name: write a text or a number`, cell: "run" };
  const counts: number[] = [];
  for (const name of COUNTS) {
    const value = countOf(cell(name));
    if (value === null) {
      const problem = `${name} ${shown(cell(name))} is no count: write a number, 0 or more`;
      return { problem, cell: name };
    }
    counts.push(value);
  }
  const [canaryEvents = 0, canaryTotal = 0, stableEvents = 0, stableTotal = 0] = counts;
  const canary = { events: canaryEvents, total: canaryTotal };
  const stable = { events: stableEvents, total: stableTotal };
  const fault = tooMany("canary", canary, isCount) ?? tooMany("stable", stable, isCount);
  if (fault !== null) return fault;
  return { run, metric: typeof metric === "string" ? metric : "", canary, stable };
}

/** Events are requests that failed, or were slow: never more than there were requests, and none where there were none. */
function tooMany(arm: string, { events, total }: Counts, isCount: boolean): Fault | null {
  if (events <= (isCount && total > 0 ? Infinity : total)) return null;
  const cell = `${arm}_events`;
  const problem = isCount
    ? `${cell} ${events} without any ${arm}_total`
    : `${cell} ${events} is more than ${arm}_total ${total}: for events that are no part of the total add --counts`;
  return { problem, cell };
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
  return value >= 0 && Number.isFinite(value) ? value : null;
}

function shown(cell: unknown): string {
  return cell === undefined ? "(missing)" : JSON.stringify(cell).slice(0, 40);
}
