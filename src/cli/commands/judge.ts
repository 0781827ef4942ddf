import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { startRateTest, type RateTestOptions } from "../../core/judge/rate-test.ts";
import { judgedRuns } from "../judge/judged-runs.ts";
import { tableReader, type BadRow } from "../judge/table-reader.ts";
import { textLines } from "../judge/text-lines.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly alpha?: string;
  readonly margin?: string;
  readonly noWorseThan?: string;
  readonly designEffect?: string;
  readonly metrics?: string;
  readonly counts?: boolean;
}

/** Judges a table of counts, a line of NDJSON for each row. Stops at the first row that is none, with exit 2. */
export async function judge(args: readonly string[], options: Options): Promise<number> {
  const [file = "-"] = args;
  const name = file === "-" ? "stdin" : file;
  const metrics = wholeNumber("--metrics", options.metrics ?? "1", { least: 1, most: 1000 });
  const add = judgedRuns(testOptions(options), metrics);
  const read = tableReader(options.counts === true);
  let [number, rows] = [0, 0];
  for await (const lines of textLines(await chunksOf(file))) {
    const answers: string[] = [];
    for (const line of lines) {
      number += 1;
      const row = read(line);
      if (row === null) continue;
      const answer = "problem" in row ? row : (add(row) ?? tooManyMetrics(metrics));
      if ("problem" in answer) {
        await write(answers);
        throw new UsageError(`${name}:${number}:${answer.column}: ${answer.problem}`);
      }
      answers.push(JSON.stringify(answer));
      rows += 1;
    }
    if (!(await write(answers))) return 0;
  }
  if (rows === 0)
    throw new UsageError(`${name} has no rows`, "`canary help judge` says what it reads");
  return 0;
}

function tooManyMetrics(stated: number): BadRow {
  return {
    column: 1,
    problem: `the run has more than ${stated} metrics: say beforehand how many with --metrics`,
  };
}

/** The options of the test. Wrong ones are wrong usage, in the words of the test itself. */
function testOptions(options: Options): RateTestOptions {
  const read: RateTestOptions = {
    alpha: numberOf("--alpha", options.alpha ?? "0.05"),
    margin: numberOf("--margin", options.margin ?? "1"),
    noWorseThan: numberOf("--no-worse-than", options.noWorseThan ?? "2"),
    designEffect: numberOf("--design-effect", options.designEffect ?? "1"),
  };
  try {
    startRateTest(read);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
  return read;
}

function numberOf(option: string, text: string): number {
  if (!/^\d+(?:\.\d+)?$/u.test(text)) throw new UsageError(`${option} ${text} is no number`);
  return Number(text);
}

async function chunksOf(file: string): Promise<AsyncIterable<string>> {
  if (file === "-") return process.stdin.setEncoding("utf8");
  const found = await stat(file).catch(() => null);
  if (found === null) throw new UsageError(`there is no file ${file}`, "`-` reads from stdin");
  if (found.isDirectory()) throw new UsageError(`${file} is a folder`, "name a CSV or NDJSON file");
  return createReadStream(file, { encoding: "utf8", highWaterMark: 256 * 1024 });
}

/** Waits until a slow reader has taken the lines; false when nobody reads any more. */
async function write(lines: readonly string[]): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.writableEnded) return false;
  if (lines.length === 0 || stdout.write(`${lines.join("\n")}\n`)) return true;
  const gone = new AbortController();
  const left = (): void => gone.abort();
  stdout.once("close", left);
  await once(stdout, "drain", { signal: gone.signal }).catch(() => undefined);
  stdout.off("close", left);
  return !stdout.destroyed;
}
