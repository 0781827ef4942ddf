import { expect, test } from "vitest";

import { countsOfSample } from "../../../src/core/counts-of-sample.ts";
import { prometheusDriver } from "../../../src/drivers/metrics/prometheus.ts";
import { driverContext } from "../../support/driver-context.ts";
import { present } from "../../support/present.ts";
import { prometheusWithHistory } from "../../support/prometheus-history.ts";

const SCRAPE = 30_000;
const FROM = Date.UTC(2026, 0, 5);
/** Requests of a Pod between two scrapes. */
const REQUESTS = 100;

/** Counters of Pods that each scrape found; a number is a fresh value, null one in which the Pod was not there. */
function counter(pod: string, values: ReadonlyArray<number | null>) {
  const known = values.flatMap((value, at) => (value === null ? [] : [{ at, value }]));
  const from = present(known[0]).at;
  return { pod, from, values: known.map(({ value }) => value) };
}

test("evidence is of what a real Prometheus saw, not of what it extrapolates, whatever Pods come, go and restart", async (context) => {
  const steps = Array.from({ length: 20 }, (_, at) => at);
  const pods = [
    counter(
      "steady",
      steps.map((at) => 5000 + at * REQUESTS),
    ),
    // Its history of before comes with it at the tenth scrape.
    counter(
      "late",
      steps.map((at) => (at < 10 ? null : 900_000 + at * REQUESTS)),
    ),
    counter(
      "restarted",
      steps.map((at) => (at < 15 ? 70_000 + at * REQUESTS : (at - 15) * REQUESTS + 40)),
    ),
  ];
  const url = await prometheusWithHistory(context, {
    from: FROM,
    step: SCRAPE,
    series: pods.flatMap(({ pod, from, values }) =>
      ["200", "500"].map((code) => ({
        labels: { pod, code },
        from,
        values: values.map((value) => (code === "500" ? value / 10 : value)),
      })),
    ),
  });
  const source = prometheusDriver.openPast?.({ url }, FROM + 20 * SCRAPE);
  const seenAt = async (scrape: number): Promise<number> => {
    const now = FROM + (scrape + 0.4) * SCRAPE;
    const query = {
      bad: 'sum(rate(http_requests_total{code="500"}[1m]))',
      total: "sum(rate(http_requests_total[1m]))",
    };
    const sample = await present(source).sample(query, 60_000, {
      ...driverContext(),
      now: () => now,
    });
    expect(sample).toMatchObject({ kind: "value", value: expect.closeTo(1 / 11, 3) as number });
    expect(sample.kind === "value" && sample.stretch).toBeCloseTo(2, 1);
    return present(countsOfSample(sample)).total;
  };
  const each = REQUESTS * 1.1;
  expect(await seenAt(6)).toBeCloseTo(2 * each, 0);
  // One point of a series tells of no growth.
  expect(await seenAt(10)).toBeCloseTo(2 * each, 0);
  expect(await seenAt(12)).toBeCloseTo(3 * each, 0);
  expect(await seenAt(18)).toBeCloseTo(3 * each, 0);
});
