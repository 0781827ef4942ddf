import { averageE } from "../../core/judge/average-e.ts";
import {
  addLook,
  readRateTest,
  startRateTest,
  type RateTest,
  type RateTestOptions,
  type Verdict,
} from "../../core/judge/rate-test.ts";
import { isRunningTotal, risen, type Rising } from "./running-totals.ts";
import type { Row } from "./table-reader.ts";

/** One line of the answer. */
export interface JudgedLook {
  readonly run: string | number;
  /** Counted from 1 within the run, and within the metric where the table has several. */
  readonly look: number;
  readonly verdict: Verdict;
  readonly e: number;
  readonly p: number;
  /** Null while no ratio can be told, or stable has no event at all. */
  readonly ratio: number | null;
  readonly lower: number;
}

interface Run {
  readonly tests: Map<string, Tested>;
  verdict: Verdict;
  peak: number;
}

interface Tested {
  readonly test: RateTest;
  readonly rising: Rising;
}

/** Adds one row to the tests of its run; null when the run has more metrics than were stated. */
export type JudgeRow = (row: Row) => JudgedLook | null;

/**
 * The tests of every run of a table; rows of different runs may come in any order. `metrics`: how many metrics every run
 * has. Their e-values are averaged: all together are wrong as rarely as one. `onRunningTotals` is told of a run, once, whose
 * rows seem to be readings of counters.
 */
export function judgedRuns(
  options: RateTestOptions,
  metrics: number,
  onRunningTotals: (run: string | number, looks: number) => void = () => undefined,
): JudgeRow {
  const runs = new Map<string | number, Run>();
  return (row) => {
    const run = runs.get(row.run) ?? { tests: new Map(), verdict: "undecided", peak: 0 };
    runs.set(row.run, run);
    const before = run.tests.get(row.metric);
    if (before === undefined && run.tests.size === metrics) return null;
    const test = addLook(before?.test ?? startRateTest(options), row);
    const rising = risen(before?.rising, row);
    run.tests.set(row.metric, { test, rising });
    if (before?.rising !== rising && isRunningTotal(rising)) onRunningTotals(row.run, test.looks);
    const reading = readRateTest(test);
    const { e, p, verdict } = metrics === 1 ? reading : together(run, options.alpha, metrics);
    const { ratio, lower } = reading;
    return {
      run: row.run,
      look: test.looks,
      verdict,
      // JSON has no Infinity.
      e: Math.min(e, Number.MAX_VALUE),
      p,
      ratio: ratio !== null && Number.isFinite(ratio) ? ratio : null,
      lower,
    };
  };
}

function together(
  run: Run,
  alpha: number,
  metrics: number,
): { e: number; p: number; verdict: Verdict } {
  const readings = [...run.tests.values()].map(({ test }) => readRateTest(test));
  const logs = readings.map(({ e }) => Math.log(e));
  const log = averageE(logs, metrics);
  const bar = -Math.log(alpha);
  const isNoWorse =
    readings.length === metrics && readings.every(({ eNoWorse }) => Math.log(eNoWorse) >= bar);
  run.peak = Math.max(run.peak, log);
  if (run.verdict === "undecided")
    run.verdict = log >= bar ? "worse" : isNoWorse ? "no-worse" : "undecided";
  return { e: Math.exp(log), p: Math.min(1, Math.exp(-run.peak)), verdict: run.verdict };
}
