import type { Sample } from "../../core/sample.ts";
import type { Millis, WallTime } from "../../core/units.ts";
import { bucketQuantile } from "./bucket-quantile.ts";
import type { CounterTrack, Growth } from "./counter-track.ts";
import { futureProblem } from "./future-problem.ts";
import { gaugeSample } from "./gauge-sample.ts";
import type { OpenmetricsQuery } from "./openmetrics-query.ts";
import { errorSample, noDataSample, observedAs } from "./sample-of.ts";
import type { Scrape } from "./scraper.ts";
import { parseSelector, type SeriesSelector } from "./series-selector.ts";
import { shareSample } from "./share-sample.ts";

/** A history of counters that a query needs. Queries with the same selector share one. */
export interface NeededTrack {
  readonly key: string;
  readonly selector: SeriesSelector;
  readonly groupBy: string | null;
}

/** The histories that a query needs; none for one of gauges, or with a selector that does not parse. */
export function tracksOf(query: OpenmetricsQuery): readonly NeededTrack[] {
  const texts = [query.rate, query.increase, query.bad, query.good, query.total];
  const counters = texts.flatMap((text) => (text === undefined ? [] : needed(text, null)));
  return query.histogram === undefined ? counters : needed(query.histogram, "le");
}

function needed(text: string, groupBy: string | null): readonly NeededTrack[] {
  const selector = parseSelector(text);
  if ("kind" in selector) return [];
  const name = groupBy === null ? selector.name : `${selector.name}_bucket`;
  return [{ key: keyOf(text, groupBy), selector: { ...selector, name }, groupBy }];
}

function keyOf(text: string, groupBy: string | null): string {
  return `${groupBy ?? ""} ${text.trim()}`;
}

/** Derives the answer to a query from a scrape and the histories up to it. */
export function deriveSample(
  query: OpenmetricsQuery,
  window: Millis,
  scrape: Scrape,
  tracks: ReadonlyMap<string, CounterTrack>,
  now: WallTime,
): Sample {
  if (query.gauge !== undefined)
    return dated(gaugeSample(query.gauge, query.per, query.reduce, scrape), now);
  const grown = (
    text: string | undefined,
    groupBy: string | null,
    absent: "noData" | "none" = "noData",
  ): Growth =>
    tracks.get(keyOf(text ?? "", groupBy))?.growth(window, absent) ?? {
      kind: "error",
      why: `${text ?? "the metric"} is not a selector`,
    };
  if (query.histogram !== undefined)
    return inWindow(
      dated(quantileOf(query.quantile ?? 0, grown(query.histogram, "le")), now),
      window,
      now,
    );
  if (query.total !== undefined) {
    const side = query.bad === undefined ? "good" : "bad";
    const share = shareOf(side, grown(query[side], null, "none"), grown(query.total, null));
    return inWindow(dated(share, now), window, now);
  }
  const growth = grown(query.rate ?? query.increase, null);
  if (growth.kind !== "growth") return growth;
  const per = query.rate === undefined ? 1 : growth.elapsed / 1000;
  return dated(valueAt(growth.observedAt, sumOf(growth.groups) / per, null), now);
}

function shareOf(side: "bad" | "good", part: Growth, total: Growth): Sample {
  if (total.kind !== "growth") return total;
  if (part.kind !== "growth") return part;
  const count = sumOf(total.groups);
  const sample = shareSample({ side, part: sumOf(part.groups), total: count, samples: count });
  return observedAs(sample, total.observedAt);
}

function quantileOf(q: number, growth: Growth): Sample {
  if (growth.kind !== "growth") return growth;
  // `1.0` and `1` are the same bound; several series of a histogram add up bound by bound.
  const counts = new Map<number, number>();
  for (const [le, count] of growth.groups) {
    const bound = /^\+?inf$/i.test(le) ? Infinity : le === "" ? Number.NaN : Number(le);
    if (Number.isNaN(bound)) return errorSample(`the histogram has a bucket with le="${le}"`);
    counts.set(bound, (counts.get(bound) ?? 0) + count);
  }
  const found = bucketQuantile(q, counts);
  if (found.kind === "error") return found;
  if (found.kind === "noData") return noDataSample(`${found.why} in this window`);
  if (found.kind === "inconclusive") {
    const why = `${found.why} in this window`;
    return { kind: "inconclusive", why, observedAt: growth.observedAt };
  }
  return valueAt(growth.observedAt, found.value, found.count);
}

/** Counters that did not move, and carry a time from before the window, say nothing of the window. */
function inWindow(sample: Sample, window: Millis, now: WallTime): Sample {
  if (sample.kind !== "inconclusive" || sample.observedAt === null) return sample;
  const age = now - sample.observedAt;
  return age > window
    ? { kind: "stale", why: `the samples carry a time ${Math.round(age / 1000)} s ago`, age }
    : sample;
}

function sumOf(groups: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of groups.values()) sum += count;
  return sum;
}

function valueAt(observedAt: WallTime, value: number, samples: number | null): Sample {
  return { kind: "value", value, samples, observedAt };
}

function dated(sample: Sample, now: WallTime): Sample {
  if (sample.kind !== "value" || sample.observedAt === null) return sample;
  const future = futureProblem(sample.observedAt, now);
  return future === null ? sample : errorSample(`the samples carry a time ${future}`);
}
