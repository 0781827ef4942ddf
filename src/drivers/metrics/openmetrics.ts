import { z } from "zod";

import type { MetricDriver } from "../driver.ts";
import { createCounterTrack, type CounterTrack } from "./counter-track.ts";
import { deriveSample, tracksOf } from "./derive-sample.ts";
import { plainQuery } from "./fill-window.ts";
import { openmetricsQuery, selectorProblems, type OpenmetricsQuery } from "./openmetrics-query.ts";
import { createPace } from "./pace.ts";
import { createScraper, type ScrapeTarget } from "./scraper.ts";
import { signInShape } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const openmetricsConfig = z.strictObject({
  url: z
    .string()
    .min(1)
    .describe("the /metrics address of one process; behind a balancer counters would jump"),
  ...signInShape,
});

export type OpenmetricsConfig = z.infer<typeof openmetricsConfig>;

/**
 * Scrapes a `/metrics` endpoint itself and derives rates, shares and quantiles from its own history, where no Prometheus
 * is at hand. It has no history before its first scrape: until the window is covered there is no data.
 */
export const openmetricsDriver: MetricDriver<OpenmetricsConfig, OpenmetricsQuery> = {
  type: "openmetrics",
  description: "scrapes a /metrics endpoint and derives rates, shares and quantiles",
  config: openmetricsConfig,
  query: openmetricsQuery,
  window: (query) => (query.gauge === undefined ? null : 0),
  unit: (query) =>
    query.total === undefined ? (query.increase === undefined ? null : "count") : "ratio",
  counts: (query) => query.total !== undefined || query.histogram !== undefined,
  lint: selectorProblems,
  open(opened) {
    const pace = createPace();
    const tracks = new Map<string, CounterTrack>();
    const scrape = createScraper(({ at, samples }) => {
      for (const track of tracks.values()) track.record(at, samples);
    });
    return {
      sample(asked, window, context) {
        const query = plainQuery(asked);
        // Made before the scrape, which is then the first that they see.
        for (const { key, selector, groupBy } of tracksOf(query)) {
          if (!tracks.has(key)) tracks.set(key, createCounterTrack(selector, groupBy));
        }
        const target: ScrapeTarget = { ...opened, ...context.connection, pace };
        const answered = scrape(target, context).then((scraped) =>
          scraped.kind === "scrape"
            ? deriveSample(query, window, scraped, tracks, context.now())
            : scraped,
        );
        return withinSignal(context.signal, answered);
      },
      close: () => tracks.clear(),
    };
  },
};
