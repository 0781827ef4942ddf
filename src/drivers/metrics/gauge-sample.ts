import type { Sample } from "../../core/sample.ts";
import { oneSeries, type One } from "./one-series.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";
import type { Scrape } from "./scraper.ts";
import { parseSelector, selects } from "./series-selector.ts";

export type Reduce = "sum" | "max" | "min" | "avg";

/** The value of a gauge in one scrape, or of one gauge per another; several series only with `reduce`. */
export function gaugeSample(
  gauge: string,
  per: string | undefined,
  reduce: Reduce | undefined,
  scrape: Scrape,
): Sample {
  const top = gaugeValue(gauge, reduce, scrape);
  if (top.kind !== "one") return top;
  const sample = { kind: "value", value: top.value, samples: null, observedAt: top.at } as const;
  if (per === undefined) return sample;
  const bottom = gaugeValue(per, reduce, scrape);
  if (bottom.kind !== "one") return bottom;
  if (bottom.value === 0)
    return top.value === 0
      ? noDataSample(`${per} is 0: there is nothing to divide by`)
      : errorSample(`${per} is 0: ${gauge} cannot be divided by it`);
  return { ...sample, value: top.value / bottom.value, observedAt: Math.min(top.at, bottom.at) };
}

function gaugeValue(text: string, reduce: Reduce | undefined, scrape: Scrape): One | NoValue {
  const selector = parseSelector(text);
  if ("kind" in selector) return errorSample(`${text}: ${selector.message}`);
  const matched = scrape.samples.filter((sample) => selects(selector, sample));
  const series = matched.map(({ labels, value, at }) => ({
    labels: Object.fromEntries(labels),
    value,
    at: at ?? scrape.at,
  }));
  const oldest = Math.min(...series.map(({ at }) => at));
  const merged =
    reduce === undefined || series.length === 0
      ? series
      : [
          {
            labels: {},
            at: oldest,
            value: reduced(
              reduce,
              series.map(({ value }) => value),
            ),
          },
        ];
  return oneSeries(merged, text, "narrow the labels, or state `reduce: max` or the like");
}

/** NaN in any of them is NaN in the result, so that it is seen. */
function reduced(reduce: Reduce, values: readonly number[]): number {
  switch (reduce) {
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "avg":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}
