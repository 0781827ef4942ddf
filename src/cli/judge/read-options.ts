import { startRateTest, type RateTestOptions } from "../../core/judge/rate-test.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumber } from "../whole-number.ts";

/** The options of `canary judge`, as written. */
export interface JudgeOptions {
  readonly alpha?: string;
  readonly margin?: string;
  readonly noWorseThan?: string;
  readonly designEffect?: string;
  readonly metrics?: string;
  readonly counts?: boolean;
}

/** Any test that makes sense: what is wrong with one option shows when it alone is replaced. */
const SENSIBLE: RateTestOptions = { alpha: 0.05, margin: 1, noWorseThan: 2, designEffect: 1 };

/** What people mean is far below, and what is far above no longer fits into a number. */
const MOST = 1e6;

/** What the options mean. Throws wrong usage that names all that are wrong. */
export function readOptions(options: JudgeOptions): {
  readonly test: RateTestOptions;
  readonly metrics: number;
} {
  const problems: string[] = [];
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError) && !(error instanceof RangeError)) throw error;
      const fix = error instanceof UsageError && error.fix !== null ? `: ${error.fix}` : "";
      problems.push(`${error.message}${fix}`);
      return otherwise;
    }
  };
  const metrics = attempt(
    () => wholeNumber("--metrics", options.metrics ?? "1", { least: 1, most: 1000 }),
    1,
  );
  const read = (option: string, text: string | undefined, key: keyof RateTestOptions): number =>
    text === undefined
      ? SENSIBLE[key]
      : attempt(() => {
          const value = numberOf(option, text);
          // Margins are compared with each other at the end.
          const around = key === "margin" ? { noWorseThan: Number.MAX_VALUE } : { margin: 1e-300 };
          startRateTest({ ...SENSIBLE, ...around, [key]: value });
          return value;
        }, SENSIBLE[key]);
  const test = {
    alpha: read("--alpha", options.alpha, "alpha"),
    margin: read("--margin", options.margin, "margin"),
    noWorseThan: read("--no-worse-than", options.noWorseThan, "noWorseThan"),
    designEffect: read("--design-effect", options.designEffect, "designEffect"),
  };
  if (problems.length === 0) attempt(() => startRateTest(test), null);
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return { test, metrics };
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text) || !Number.isFinite(value))
    throw new UsageError(
      `${option} ${text} is no number`,
      "write it like 0.05, without a sign or %",
    );
  if (value > MOST) throw new UsageError(`${option} ${text}`, `write ${MOST} at most`);
  return value;
}
