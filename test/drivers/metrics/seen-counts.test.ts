import { expect, test } from "vitest";

import { countsOfSample } from "../../../src/core/counts-of-sample.ts";
import type { Sample } from "../../../src/core/sample.ts";
import { prometheusDriver } from "../../../src/drivers/metrics/prometheus.ts";
import { promqlSeen } from "../../../src/drivers/metrics/promql-seen.ts";
import { driverContext } from "../../support/driver-context.ts";
import { present } from "../../support/present.ts";
import { prometheusWithHistory, type HistorySeries } from "../../support/prometheus-history.ts";

const SCRAPE = 30_000;
const FROM = Date.UTC(2026, 0, 5);
/** Requests of a Pod between two scrapes. */
const REQUESTS = 100;
const SHARE = {
  bad: 'sum(rate(http_requests_total{code="500"}[1m]))',
  total: "sum(\n  rate(http_requests_total[1m]) # all of them\n) # rate(x[5m])",
};

/** A series of one Pod from one scrape on; the times count from 0. */
function series(
  pod: string,
  labels: HistorySeries["labels"],
  from: number,
  valueAt: (scrape: number) => number,
): HistorySeries {
  const values = Array.from({ length: 20 - from }, (_, at) => valueAt(from + at));
  return { labels: { job: "shop", instance: pod, ...labels }, from, values };
}

function up(pod: string, from: number, down: readonly number[] = []): HistorySeries {
  const of = series(pod, {}, from, (scrape) => (down.includes(scrape) ? 0 : 1));
  return { ...of, name: "up" };
}

const ok = { code: "200" };
const POD_SERIES = [
  up("steady", 0),
  series("steady", ok, 0, (scrape) => 5000 + scrape * REQUESTS),
  // The first failures of a path, and two more of each between every two scrapes from then on.
  series("steady", { code: "500", path: "/pay" }, 7, (scrape) => 3 + 2 * (scrape - 7)),
  // It was there before us: its history comes with it.
  up("late", 10),
  series("late", ok, 10, (scrape) => 900_000 + scrape * REQUESTS),
  series("late", { code: "500", path: "/pay" }, 10, () => 40_000),
  up("restarted", 0),
  series("restarted", ok, 0, (scrape) =>
    scrape < 15 ? 70_000 + scrape * REQUESTS : (scrape - 15) * REQUESTS + 40,
  ),
  // A counter that began anew within a window, and shows more at its end than at its beginning.
  {
    ...series("quick", ok, 0, (at) => (at < 14 ? 2 * at : 5 + 55 * (at - 14))),
    name: "fast_total",
  },
];

test("evidence is what a real Prometheus saw, whatever Pods and failures are new, go and restart", async (context) => {
  const url = await prometheusWithHistory(context, {
    from: FROM,
    step: SCRAPE,
    series: POD_SERIES,
  });
  const source = present(prometheusDriver.openPast?.({ url }, FROM + 20 * SCRAPE));
  const at = async (scrape: number, query = SHARE): Promise<Sample> => {
    const now = FROM + (scrape + 0.4) * SCRAPE;
    return await source.sample(query, 60_000, { ...driverContext(), now: () => now });
  };
  const seen = async (scrape: number) => countsOfSample(await at(scrape));
  const steady = 2 * REQUESTS;
  expect(await seen(5)).toEqual({ events: 0, total: 2 * steady });
  // Prometheus counts none of the first failures.
  expect(await at(7)).toMatchObject({ value: 0, samples: 2 * steady });
  expect(await seen(7)).toEqual({ events: 3, total: 2 * steady + 3 });
  expect(await seen(9)).toEqual({ events: 4, total: 2 * steady + 4 });
  // What a new Pod counted before is not of this window, and its first one is passed over.
  expect(await seen(11)).toEqual({ events: 4, total: 2 * steady + 4 });
  expect(await seen(13)).toEqual({ events: 4, total: 3 * steady + 4 });
  // 140 requests since the restart: what was before it in this window is lost.
  expect(await seen(16)).toEqual({ events: 4, total: 2 * steady + 140 + 4 });
  expect(await seen(18)).toEqual({ events: 4, total: 3 * steady + 4 });
  const fast = { bad: "sum(rate(fast_total[1m]))", total: "sum(rate(fast_total[1m]))" };
  expect(countsOfSample(await at(13, fast))).toEqual({ events: 4, total: 4 });
  expect(countsOfSample(await at(15, fast))).toEqual({ events: 60, total: 60 });
  // Windows that follow each other leave nothing out: 3 at first, and 2 for each scrape since.
  const windows = await Promise.all([5, 7, 9, 11, 13].map((scrape) => seen(scrape)));
  const sum = windows.reduce((events, each) => events + present(each).events, 0);
  expect(sum).toBe(3 + 2 * (13 - 7));
});

test.each([
  "sum(x)",
  "sum(rate(x[1m] offset 5m))",
  "sum(rate(x[5m:1m]))",
  "avg(rate(x[1m]))",
  "sum(increase(x[1m * 2]))",
  "sum(rate(x[1m])) * 60",
  "sum(count_over_time(x[1m]))",
])("%s does not tell what was seen", (query) => {
  expect(promqlSeen(query)).toBeNull();
});

test("every rate of a sum is what was seen, and the rest stays", () => {
  const query = 'sum(increase(a[1m])) - sum(rate(b{le="0.3"}[60s])) or vector(0)';
  expect(promqlSeen(query)).toBeNull();
  const seen = promqlSeen('sum(increase(a[1m])) - sum(increase(b{le="0.3"}[1m])) or vector(0)');
  expect(seen).toMatch(/^sum\(\(\(\(a - a offset 1m\) unless .*\) - sum\(.*\) or vector\(0\)$/u);
  expect(seen).toContain("(up offset 1m == 1)");
  expect(seen).toContain('b{le="0.3"} unless b{le="0.3"} offset 1m');
});
