import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { judgedRuns } from "../judge/judged-runs.ts";
import { readOptions, type JudgeOptions } from "../judge/read-options.ts";
import { tableReader, type BadLine, type Row } from "../judge/table-reader.ts";
import { textLines } from "../judge/text-lines.ts";
import { writeLines } from "../judge/write-lines.ts";
import { UsageError } from "../usage-error.ts";

/** So many problems are told; who has more has one kind of them. */
const MOST_TOLD = 20;

/**
 * Judges a table of counts, a line of NDJSON for each row. Nothing is judged after the first row that is none: the rest is
 * read for what else is wrong with it, then it ends with exit 2.
 */
export async function judge(args: readonly string[], options: JudgeOptions): Promise<number> {
  const [file = "-"] = args;
  const name = file === "-" ? "stdin" : file;
  const { test, metrics } = readOptions(options);
  const add = judgedRuns(test, metrics, tellRunningTotals(name));
  const read = tableReader(options.counts === true);
  const problems: string[] = [];
  let [number, rows] = [0, 0];
  const { chunks, isStream } = await openTable(file);
  for await (const lines of textLines(chunks)) {
    const answers: string[] = [];
    for (const line of lines) {
      number += 1;
      const row = read(line);
      if (row === null) continue;
      const answer =
        "problems" in row ? row : (unnamed(row, metrics) ?? add(row) ?? tooManyMetrics(metrics));
      if ("problems" in answer)
        for (const { problem, column } of answer.problems)
          problems.push(`${name}:${number}:${column}: ${problem}`);
      else if (problems.length === 0) answers.push(JSON.stringify(answer));
      rows += 1;
      if (problems.length > MOST_TOLD || ("isHeader" in answer && answer.isHeader)) break;
    }
    if (!(await writeLines(answers))) return 0;
    // Of a stream nobody knows whether it ends: what is wrong with it is told now.
    if (problems.length > MOST_TOLD || (problems.length > 0 && isStream)) break;
  }
  if (problems.length > 0) throw new UsageError(told(problems));
  if (rows === 0)
    throw new UsageError(`${name} has no rows`, "`canary help judge` says what it reads");
  return 0;
}

function told(problems: readonly string[]): string {
  const more = problems.length > MOST_TOLD ? ["and more: only the first ones are told"] : [];
  return [...problems.slice(0, MOST_TOLD), ...more].join("\n");
}

function tooManyMetrics(stated: number): BadLine {
  const problem = `the run has more than ${stated} ${stated === 1 ? "metric" : "metrics"}: say beforehand how many with --metrics`;
  return { problems: [{ column: 1, problem }], isHeader: false };
}

/** Of several metrics each has a name, or their looks would be taken for those of one. */
function unnamed({ metric }: Row, stated: number): BadLine | null {
  if (stated === 1 || metric !== "") return null;
  const problem = `the row names no metric: write which of the ${stated} it is about into the column metric`;
  return { problems: [{ column: 1, problem }], isHeader: false };
}

/** The verdicts would be worth nothing, but that the counts are no counters is only almost certain. */
function tellRunningTotals(name: string): (run: string | number, looks: number) => void {
  let isTold = false;
  return (run, looks) => {
    if (isTold) return;
    isTold = true;
    process.stderr.write(
      `canary: warning: ${name}: run ${run} counts more in each of its first ${looks} looks than in the one before, as counters do: write what was counted since the look before\n`,
    );
  };
}

interface Table {
  readonly chunks: AsyncIterable<string>;
  /** Stdin, a pipe, a device: more may come for ever. */
  readonly isStream: boolean;
}

async function openTable(file: string): Promise<Table> {
  if (file === "-") return { chunks: process.stdin.setEncoding("utf8"), isStream: true };
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (found.code !== "ENOENT" && found.code !== "ENOTDIR") throw unreadable(file, found);
    throw new UsageError(`there is no file ${file}`, "`-` reads from stdin");
  }
  if (found.isDirectory()) throw new UsageError(`${file} is a folder`, "name a CSV or NDJSON file");
  return { chunks: chunksOfFile(file), isStream: !found.isFile() };
}

async function* chunksOfFile(file: string): AsyncGenerator<string> {
  try {
    yield* createReadStream(file, { encoding: "utf8", highWaterMark: 256 * 1024 });
  } catch (error) {
    // Whatever is done with the chunks goes wrong outside: what arrives here is about the file.
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): UsageError {
  const why = error instanceof Error ? error.message : String(error);
  return new UsageError(`${file} cannot be read: ${why}`, "name a CSV or NDJSON file");
}
