import type { Look } from "../../src/core/judge/rate-test.ts";
import { fixedLevel, flaggerCounter, type Rival } from "./rivals.ts";
import { lookAt, quantile, randomFrom, steady } from "./simulate.ts";

/** The looks at which half of all runs, and four of five, are rolled back; Infinity for never. */
export interface Found {
  readonly half: number;
  readonly most: number;
}

/** One way of judging, on the same tables as the others. */
export interface Row {
  readonly name: string;
  /** The part of healthy canaries that is ever rolled back. */
  readonly healthy: number;
  readonly five: Found;
  readonly ten: Found;
}

export interface Traffic {
  /** Requests of the canary in a look, which is 1 % of all. */
  readonly requests: number;
  readonly rate: number;
  readonly looks: number;
  readonly runs: number;
  readonly seed: number;
}

type Table = readonly Look[];

/**
 * Flagger's counter (a success rate of 99 %, five windows), the repeated fixed-level test and ours, all on the same tables;
 * and what is possible with a tenth of the fixed test's false rollbacks: the likelihood ratio of the true ratio alone,
 * which nothing excels (Wald & Wolfowitz 1948), at just the bar that gives them.
 */
export function rivalTable(ours: Rival, traffic: Traffic): readonly Row[] {
  const [healthy, five, ten] = [1, 5, 10].map((ratio) => tablesOf(traffic, ratio));
  if (healthy === undefined || five === undefined || ten === undefined) throw new Error("no table");
  const rivals = { flagger: flaggerCounter(0.01, 5), fixed: fixedLevel, ours };
  const rows = Object.entries(rivals).map(([name, rival]) => ({
    name,
    healthy: healthy.filter((table) => rival(table) !== null).length / traffic.runs,
    five: foundBy(rival, five),
    ten: foundBy(rival, ten),
  }));
  const tenth = (rows.find(({ name }) => name === "fixed")?.healthy ?? 0) / 10;
  const best = {
    name: "best possible",
    healthy: tenth,
    five: foundBy(bestAt(5, healthy, tenth), five),
    ten: foundBy(bestAt(10, healthy, tenth), ten),
  };
  return [...rows, best];
}

/** The table as lines of text. */
export function rivalLines({ requests, rate }: Traffic, rows: readonly Row[]): readonly string[] {
  const shown = ({ half, most }: Found): string => `${look(half)} / ${look(most)}`;
  return rows.map(
    ({ name, healthy, five, ten }) =>
      `${String(requests).padStart(5)} a look at ${100 * rate} %  ${name.padEnd(14)} healthy ${(100 * healthy).toFixed(2).padStart(6)} %  5x ${shown(five).padEnd(11)} 10x ${shown(ten)}`,
  );
}

function look(at: number): string {
  return Number.isFinite(at) ? String(at) : "-";
}

function tablesOf({ requests, rate, looks, runs, seed }: Traffic, ratio: number): readonly Table[] {
  const random = randomFrom(seed + ratio);
  const service = { ...steady, rate, ratio, requests: () => 100 * requests };
  return Array.from({ length: runs }, () =>
    Array.from({ length: looks }, (_, at) => lookAt(service, at, random)),
  );
}

function foundBy(rival: Rival, tables: readonly Table[]): Found {
  const looks = tables.map((table) => rival(table) ?? Number.POSITIVE_INFINITY);
  return { half: quantile(looks, 0.5), most: quantile(looks, 0.8) };
}

/** The test of one known ratio that finds this part of these healthy tables worse. */
function bestAt(ratio: number, healthy: readonly Table[], wrong: number): Rival {
  const peaks = healthy
    .map((table) => likelihoods(table, ratio).reduce((most, sum) => Math.max(most, sum), 0))
    .toSorted((a, b) => b - a);
  const bar = peaks[Math.floor(wrong * healthy.length)] ?? Number.POSITIVE_INFINITY;
  return (looks) => {
    const at = likelihoods(looks, ratio).findIndex((sum) => sum > bar);
    return at < 0 ? null : at + 1;
  };
}

/** The log-likelihood ratio of one ratio against none, after each look. */
function likelihoods(looks: Table, ratio: number): readonly number[] {
  let sum = 0;
  return looks.map(({ canary, stable }) => {
    const share = canary.total / (canary.total + stable.total);
    const events = canary.events + stable.events;
    sum += canary.events * Math.log(ratio) - events * Math.log1p(share * (ratio - 1));
    return sum;
  });
}
