import { expect, test } from "vitest";

import { countsOfSample } from "../../src/core/counts-of-sample.ts";
import { addLook, startRateTest, type Counts } from "../../src/core/judge/rate-test.ts";
import type { MetricSource } from "../../src/drivers/driver.ts";
import { prometheusDriver, type PrometheusQuery } from "../../src/drivers/metrics/prometheus.ts";
import { driverContext } from "../support/driver-context.ts";
import { present } from "../support/present.ts";
import { prometheusWithHistory, type HistorySeries } from "../support/prometheus-history.ts";
import { binomial, randomFrom } from "../support/simulate.ts";

/** What is proven from a real Prometheus is wrong as rarely as stated: about a minute for each row. */
const RUNS = Number(process.env["CANARY_JUDGE_RUNS"] ?? 200);
const SEED = Number(process.env["CANARY_JUDGE_SEED"] ?? Math.floor(Math.random() * 1e9));
const LOOKS = 60;
const MINUTE = 60_000;
const SCRAPE = 30_000;
const SCRAPES = (LOOKS + 4) * 2;
const FROM = Date.UTC(2026, 0, 5);
const STATED = 0.05;
const ARMS = [
  { arm: "canary", requests: 30, isOld: false },
  { arm: "stable", requests: 570, isOld: true },
] as const;

interface World {
  /** How many times stable's rate the canary fails. */
  readonly ratio: number;
  /** Each fails in a series of its own, which stable has had for long and the canary has not. */
  readonly paths: number;
}

/** The counters of a rollout: a Pod of each version, scraped twice a minute. */
function seriesOf(run: number, { ratio, paths }: World, random: () => number): HistorySeries[] {
  return ARMS.flatMap(({ arm, requests, isOld }) => {
    const target = { job: "shop", instance: `${arm}-${run}` };
    const labels = { ...target, run: String(run), arm };
    const failed = Array.from({ length: paths }, (): number => (isOld ? 100 : 0));
    const values = failed.map((): number[] => []);
    const ok: number[] = [];
    for (let at = 0; at < SCRAPES; at += 1) {
      const bad = binomial(random, requests, 0.01 * (isOld ? 1 : ratio));
      for (let each = 0; each < bad; each += 1) {
        const path = Math.floor(random() * paths);
        failed[path] = (failed[path] ?? 0) + 1;
      }
      ok.push((ok.at(-1) ?? 0) + requests - bad);
      for (const [path, count] of failed.entries()) if (count > 0) values[path]?.push(count);
    }
    const failures = values.map((known, path) => ({
      labels: { ...labels, code: "500", path: `/${path}` },
      from: SCRAPES - known.length,
      values: known,
    }));
    return [
      { name: "up", labels: target, values: ok.map(() => 1) },
      { labels: { ...labels, code: "200" }, values: ok },
      ...failures.filter((each) => each.values.length > 0),
    ];
  });
}

function queryOf(run: number, arm: string): PrometheusQuery {
  const matchers = `run="${run}",arm="${arm}"`;
  return {
    bad: `sum(rate(http_requests_total{${matchers},code="500"}[1m]))`,
    total: `sum(rate(http_requests_total{${matchers}}[1m]))`,
  };
}

async function counted(
  source: MetricSource<PrometheusQuery>,
  query: PrometheusQuery,
  at: number,
): Promise<Counts> {
  const context = { ...driverContext(), now: () => at };
  return present(countsOfSample(await source.sample(query, MINUTE, context)));
}

async function verdicts(url: string, margin: number): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = { worse: 0, "no-worse": 0, undecided: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const source = present(prometheusDriver.openPast?.({ url }, FROM + SCRAPES * SCRAPE));
    let test = startRateTest({ alpha: STATED, margin, noWorseThan: 2, designEffect: 1 });
    for (let look = 0; look < LOOKS; look += 1) {
      const at = FROM + (look + 2) * MINUTE + 7000;
      const [canary, stable] = await Promise.all(
        ARMS.map(({ arm }) => counted(source, queryOf(run, arm), at)),
      );
      test = addLook(test, { canary: present(canary), stable: present(stable) });
    }
    found[test.verdict] = (found[test.verdict] ?? 0) + 1;
  }
  return found;
}

test.for([
  { ratio: 2, paths: 15, wrong: "no-worse" },
  { ratio: 2, paths: 1, wrong: "no-worse" },
  { ratio: 1, paths: 15, wrong: "worse" },
  { ratio: 1, paths: 1, wrong: "worse" },
])(
  "$ratio times as bad, in $paths new series: $wrong is rare",
  async ({ wrong, ...world }, context) => {
    const random = randomFrom(SEED);
    const series = Array.from({ length: RUNS }, (_, run) => seriesOf(run, world, random)).flat();
    const url = await prometheusWithHistory(context, { from: FROM, step: SCRAPE, series });
    const found = await verdicts(url, world.ratio);
    const shown = `${JSON.stringify(found)} with seed ${SEED}`;
    process.stdout.write(`${world.ratio}x in ${world.paths} series: ${shown}\n`);
    // Of 1000 tests at the stated rate, one has more.
    const most = STATED + 3.1 * Math.sqrt((STATED * (1 - STATED)) / RUNS);
    expect((found[wrong] ?? 0) / RUNS, shown).toBeLessThan(most);
  },
);
