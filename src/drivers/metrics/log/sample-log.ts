import type { Sample } from "../../../core/sample.ts";
import type { Millis, WallTime } from "../../../core/units.ts";
import { errorSample, noDataSample } from "../sample-of.ts";
import { shareSample } from "../share-sample.ts";
import type { LogFeed } from "./log-line.ts";
import type { LogQuery } from "./log-query.ts";
import type { LogSums, LogTally } from "./log-tally.ts";
import { quantile } from "./quantile.ts";

/** How many finds are told. */
const MAX_FINDS = 10;

export interface LogQuestion {
  readonly query: LogQuery;
  readonly window: Millis;
  readonly now: WallTime;
  /** The log, for messages. */
  readonly name: string;
  /** Whether this log may be silent while all is well. */
  readonly quiet: boolean;
}

/**
 * The answer to a query from the lines seen so far. A log that says nothing at all is no data, because a dead service says
 * nothing either; lines of another kind show that it lives, and then no match is a count of 0.
 */
export async function sampleLog(
  question: LogQuestion,
  feed: LogFeed,
  tally: LogTally,
): Promise<Sample> {
  const { query, window, now, name, quiet } = question;
  if (window <= 0)
    return noDataSample("no window was asked for: write `over 5m` in the condition, or `window`");
  const covered = feed.coveredSince() ?? now;
  if (covered > now - window) {
    const seen = `${seconds(now - covered)} of ${seconds(window)}`;
    return noDataSample(`the window is not covered yet: ${seen} of ${name} seen`);
  }
  const sums = tally.since(now - window);
  if (sums.lines === 0 && !quiet)
    return noDataSample(`nothing was written to ${name} in the last ${seconds(window)}`);
  const sample = derived(query, sums, tally, name);
  const observedAt = quiet ? null : feed.newestAt();
  if (sample.kind === "inconclusive") return { ...sample, observedAt };
  if (sample.kind !== "value") return sample;
  const finds = await Promise.all(
    sums.finds.slice(-MAX_FINDS).map(({ text }) => text().catch(() => "a place that is gone")),
  );
  return { ...sample, observedAt, ...(finds.length === 0 ? {} : { finds }) };
}

function derived(query: LogQuery, sums: LogSums, tally: LogTally, name: string): Sample {
  if (query.count !== undefined) return counted(sums.part, sums.counted);
  if (query.scan !== undefined) return counted(sums.personal, sums.counted);
  if (query.of !== undefined) return quantileOf(query.quantile ?? 0, sums, tally, name);
  const side = query.bad === undefined ? "good" : "bad";
  if (sums.whole === 0 && sums.part === 0) return nothing(tally, name, "no line to judge");
  return shareSample({ side, part: sums.part, total: sums.whole, samples: sums.whole });
}

function counted(value: number, samples: number): Sample {
  return { kind: "value", value, samples, observedAt: null };
}

function quantileOf(q: number, sums: LogSums, tally: LogTally, name: string): Sample {
  if (sums.tooMany)
    return errorSample("there are too many numbers in this window: ask for a shorter one");
  if (sums.unreadable > 0)
    return errorSample(
      `what \`of\` finds in ${name} is no number on ${sums.unreadable} lines: let its group match digits alone`,
    );
  const value = quantile(q, sums.numbers);
  if (value === null) return nothing(tally, name, "no line with a number");
  return { kind: "value", value, samples: sums.numbers.length, observedAt: null };
}

/** A pattern that never matched is more often a mistake in the plan than a quiet service. */
function nothing(tally: LogTally, name: string, what: string): Sample {
  const { lines, matched } = tally.ever();
  const why = `${name} has ${what} in this window`;
  return matched === 0
    ? noDataSample(`${why}, and the pattern matched none of ${lines} lines ever read`)
    : { kind: "inconclusive", why, observedAt: null };
}

function seconds(ms: Millis): string {
  return `${Math.round(ms / 100) / 10} s`;
}
