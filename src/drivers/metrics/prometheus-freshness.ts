import type { Millis } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { askPrometheus, type PromServer } from "./ask-prometheus.ts";
import { promqlSelectors, type PromqlSelector } from "./promql-selectors.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";

export type Freshness = Fresh | NoValue;

interface Fresh {
  readonly kind: "fresh";
  /** How old the newest sample behind an answer is; null where the query reads no series of now. */
  readonly age: Millis | null;
  /** What was asked beside it, by name; absent where nothing matched. */
  readonly beside: ReadonlyMap<string, number>;
}

interface Question {
  /** Whose series are to be fresh. */
  readonly query: string;
  /** Other questions of the same time by name, each of which gives one number. */
  readonly beside: Readonly<Record<string, string>>;
}

const LABEL = "canary_selector";
const BESIDE = "canary_beside";
/** Points at which a range is looked through for the last sign of life. */
const STEPS = 60;

/**
 * Tells whether the series behind a query are still being written. `rate(x[5m])` goes on answering from the window of a
 * target that died minutes ago, with numbers that look like an answer; but the instant selector `x` is empty from the
 * next scrape on, because Prometheus marks it stale. So each selector is asked for the time of its newest sample. One
 * that gives none, and gave some within its own range, belongs to a dead target. One that gave none at all is simply
 * absent (no errors yet), and is not held against the rest. Where there is no rest, only a constant of the query answers
 * (`or vector(0)`), and nobody knows whether there was nothing to count or nobody to count it: that is no data.
 */
export async function prometheusFreshness(
  server: PromServer,
  { query, beside }: Question,
  at: number,
  context: DriverContext,
): Promise<Freshness> {
  const selectors = watched(promqlSelectors(query));
  if (selectors.length === 0) return { kind: "fresh", age: null, beside: new Map() };
  const newest = await timesOf(server, selectors, at, context, { ask: timeOf, beside });
  if (newest.kind !== "times") return newest;
  const gone = selectors.filter(
    (selector, index) => (selector.range ?? 0) > 0 && !newest.times.has(index),
  );
  if (gone.length > 0) {
    const last = await timesOf(server, gone, at, context, { ask: lastSeen, beside: {} });
    if (last.kind !== "times") return last;
    const [dead] = [...last.times].toSorted(([, a], [, b]) => a - b);
    if (dead !== undefined) return staleSince(gone[dead[0]], Math.max(0, (at - dead[1]) * 1000));
  }
  if (newest.times.size === 0 && !ABSENCE.test(query)) return onlyConstant(selectors);
  const oldest = Math.min(...newest.times.values());
  const age = newest.times.size === 0 ? null : Math.max(0, (at - oldest) * 1000);
  return { kind: "fresh", age, beside: newest.beside };
}

function timeOf({ text }: PromqlSelector): string {
  return `timestamp(${text})`;
}

/** Asks on purpose whether something is not there. */
const ABSENCE = /\babsent(?:_over_time)?\s*\(/u;

function onlyConstant([first]: readonly PromqlSelector[]): NoValue {
  return noDataSample(
    `${first?.text ?? "the query"} has no series, only a constant answers; instead of \`or vector(0)\` write \`or 0 * sum(up{…})\`, which tells that its target is there`,
  );
}

function staleSince(selector: PromqlSelector | undefined, age: Millis): NoValue {
  const seconds = Math.round(age / 1000);
  const why = `${selector?.text ?? "its series"} ended ${seconds} s ago: only its window still answers`;
  return { kind: "stale", why, age };
}

function lastSeen({ text, range }: PromqlSelector): string {
  const step = Math.max(1, Math.ceil((range ?? 0) / 1000 / STEPS));
  return `max_over_time(timestamp(${text})[${Math.ceil((range ?? 0) / 1000)}s:${step}s])`;
}

/**
 * The selectors that say whether the answer is of now. One that looks into the past on purpose says nothing; nor does
 * one that only narrows another of the same query (`{status="500"}` beside all): it may be without series while the
 * target lives.
 */
function watched(selectors: readonly PromqlSelector[]): readonly PromqlSelector[] {
  const current = selectors.filter(({ offset }) => offset === 0);
  const wide = current.filter((one) => !current.some((other) => narrows(one, other)));
  return wide.filter(({ text }, index) => wide.findIndex((other) => other.text === text) === index);
}

function narrows(one: PromqlSelector, other: PromqlSelector): boolean {
  return (
    one.metric === other.metric &&
    one.matchers.length > other.matchers.length &&
    other.matchers.every((matcher) => one.matchers.includes(matcher))
  );
}

interface Times {
  readonly kind: "times";
  readonly times: ReadonlyMap<number, number>;
  readonly beside: ReadonlyMap<string, number>;
}

/** One query for all selectors: the newest time of each, by its place in the list. */
async function timesOf(
  server: PromServer,
  selectors: readonly PromqlSelector[],
  at: number,
  context: DriverContext,
  { ask, beside }: Asked,
): Promise<Times | NoValue> {
  const parts = selectors.map(
    (selector, index) => `label_replace(max(${ask(selector)}), "${LABEL}", "${index}", "", "")`,
  );
  const others = Object.entries(beside).map(
    // On lines of its own: it may end with a comment.
    ([name, query]) => `label_replace(\n${query}\n, "${BESIDE}", "${name}", "", "")`,
  );
  const answer = await askPrometheus(server, [...parts, ...others].join(" or "), context, at);
  if (answer.kind !== "series") return answer;
  const times = new Map<number, number>();
  const found = new Map<string, number>();
  for (const { labels, value } of answer.series) {
    const name = labels[BESIDE];
    if (name !== undefined) {
      if (value !== null && Number.isFinite(value)) found.set(name, value);
      continue;
    }
    const index = Number(labels[LABEL]);
    if (!Number.isInteger(index) || value === null || !Number.isFinite(value))
      return errorSample("prometheus did not say how fresh its series are");
    times.set(index, value);
  }
  return { kind: "times", times, beside: found };
}

interface Asked {
  readonly ask: (selector: PromqlSelector) => string;
  readonly beside: Question["beside"];
}
