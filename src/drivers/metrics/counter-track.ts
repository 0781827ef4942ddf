import type { Millis, WallTime } from "../../core/units.ts";
import type { Exposed } from "./parse-exposition.ts";
import { selects, type SeriesSelector } from "./series-selector.ts";

/** What counters grew by within a window. `groups` splits it by the grouping label; `elapsed` is what it really spans. */
export type Growth =
  | {
      readonly kind: "growth";
      readonly groups: ReadonlyMap<string, number>;
      readonly elapsed: Millis;
      readonly observedAt: WallTime;
    }
  | { readonly kind: "noData" | "error"; readonly why: string };

interface Point {
  readonly at: WallTime;
  /** Grown since the track began, by group. */
  readonly grown: ReadonlyMap<string, number>;
}

/** The growth of the counters that a selector names, over the scrapes that were seen. */
export interface CounterTrack {
  record(at: WallTime, samples: readonly Exposed[]): void;
  /** `absent` says what it means that no series matches now: `none` where it may simply never have been counted. */
  growth(window: Millis, absent: "noData" | "none"): Growth;
}

/** Two hours of scrapes each second; beyond, the older half is thinned, so that a window of a day stays small. */
const MAX_POINTS = 7200;

/**
 * Keeps what each series grew by, added up from scrape to scrape. A value below the one before is a reset: the counter
 * began again at 0 and has grown by what it shows now. A series that was not there in an earlier scrape began at 0 since,
 * and has grown by what it shows: unlike Prometheus, which loses the first error of a label this way, we know that the
 * same endpoint was asked before and did not have it. (The endpoint must be one process, not a balancer before several.)
 *
 * Nothing is extrapolated to the edges of the window, as Prometheus' `rate` does (promql/functions.go,
 * `extrapolatedRate`): growth is between the first and the last scrape inside the window, and a rate is by the time
 * between these two. A window reaches no further back than asked, and says nothing until it is covered.
 */
export function createCounterTrack(selector: SeriesSelector, groupBy: string | null): CounterTrack {
  const last = new Map<string, number>();
  const grown = new Map<string, number>();
  let points: Point[] = [];
  let present = false;
  let wrong: Growth | null = null;
  let observedAt: WallTime = 0;

  function take(key: string, sample: Exposed): void {
    const before = last.get(key);
    const born = before === undefined && points.length > 0 ? sample.value : 0;
    const growth = before === undefined ? born : grownSince(before, sample.value);
    last.set(key, sample.value);
    const group = groupBy === null ? "" : (sample.labels.get(groupBy) ?? "");
    grown.set(group, (grown.get(group) ?? 0) + growth);
  }

  return {
    record(at, samples) {
      const matched = samples.filter((sample) => selects(selector, sample));
      present = matched.length > 0;
      const series = new Map(matched.map((sample) => [seriesKey(sample), sample]));
      const bad = matched.find(({ value }) => !Number.isFinite(value) || value < 0);
      const isTwice = matched.some(
        (each) => !Object.is(series.get(seriesKey(each))?.value, each.value),
      );
      wrong =
        bad === undefined ? (isTwice ? twice(selector) : null) : unreadable(selector, bad.value);
      // What was NaN once is not remembered as 0: the next readable value grows from the last readable one.
      if (!isTwice)
        for (const [key, sample] of series) if (Number.isFinite(sample.value)) take(key, sample);
      const times = matched.flatMap((sample) => (sample.at === null ? [] : [sample.at]));
      observedAt = times.length === 0 ? at : Math.max(...times);
      // A clock that was set back makes the past incomparable.
      if ((points.at(-1)?.at ?? at) > at) points = [];
      points.push({ at, grown: new Map(grown) });
      if (points.length > MAX_POINTS)
        points = points.filter((_, index) => index > MAX_POINTS / 2 || index % 2 === 0);
    },
    growth(window, absent) {
      if (wrong !== null) return wrong;
      if (!present && absent === "noData")
        return { kind: "noData", why: `no series of ${selector.name} match` };
      return between(points, window, observedAt);
    },
  };
}

function grownSince(before: number, now: number): number {
  return now < before ? now : now - before;
}

/** Each would look like a reset of the other, again and again. */
function twice({ name }: SeriesSelector): Growth {
  const why = `${name} stands there twice with the same labels and different values: it says nothing`;
  return { kind: "error", why };
}

function unreadable(selector: SeriesSelector, value: number): Growth {
  return Number.isNaN(value)
    ? { kind: "noData", why: `${selector.name} is NaN` }
    : { kind: "error", why: `${selector.name} is ${value}: that is no counter` };
}

function between(points: readonly Point[], window: Millis, observedAt: WallTime): Growth {
  const [oldest] = points;
  const newest = points.at(-1);
  if (oldest === undefined || newest === undefined)
    return { kind: "noData", why: "nothing was scraped yet" };
  const from = newest.at - window;
  if (oldest.at > from) {
    const seen = `${seconds(newest.at - oldest.at)} of ${seconds(window)}`;
    return { kind: "noData", why: `the window is not covered yet: ${seen} seen` };
  }
  const base = points.find(({ at }) => at >= from);
  const elapsed = newest.at - (base?.at ?? newest.at);
  if (base === undefined || elapsed <= 0)
    return { kind: "noData", why: `there are no two scrapes within ${seconds(window)}` };
  const groups = new Map<string, number>();
  for (const [group, count] of newest.grown)
    groups.set(group, count - (base.grown.get(group) ?? 0));
  return { kind: "growth", groups, elapsed, observedAt };
}

function seconds(ms: Millis): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function seriesKey({ labels }: Exposed): string {
  return JSON.stringify([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
