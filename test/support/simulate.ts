import type { Look } from "../../src/core/judge/rate-test.ts";

/** Numbers in [0, 1) from a seed (mulberry32): the same simulation every time. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of n come up with probability p: exact where few do, by the normal curve where that differs no more. */
export function binomial(random: () => number, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  if (n * p > 50) {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(n, Math.max(0, Math.round(n * p + z * Math.sqrt(n * p * (1 - p)))));
  }
  // From one that comes up to the next: as many steps as a geometric draw says.
  const log = Math.log1p(-p);
  let count = 0;
  for (let at = skip(random, log); at < n; at += 1 + skip(random, log)) count += 1;
  return count;
}

function skip(random: () => number, log: number): number {
  return Math.floor(Math.log(1 - random()) / log);
}

/** A service under a canary, a look at a time. */
export interface Service {
  /** The rate of events of stable. */
  readonly rate: number;
  /** The canary's rate, as a multiple of that. */
  readonly ratio: number;
  /** Requests of both arms in a look. */
  readonly requests: (look: number) => number;
  /** The canary's share of them. */
  readonly share: (look: number) => number;
  /** How many events come at once: the variance over the mean of the counts. */
  readonly burst: number;
}

export const steady: Service = {
  rate: 0.005,
  ratio: 1,
  requests: () => 6000,
  share: () => 0.01,
  burst: 1,
};

/** What a look at the service counts. */
export function lookAt(service: Service, look: number, random: () => number): Look {
  const total = Math.round(service.requests(look));
  const canary = binomial(random, total, service.share(look));
  return {
    canary: { events: events(service, canary, service.ratio, random), total: canary },
    stable: { events: events(service, total - canary, 1, random), total: total - canary },
  };
}

function events(service: Service, total: number, ratio: number, random: () => number): number {
  const { rate, burst } = service;
  return Math.min(total, burst * binomial(random, total, Math.min(1, (rate * ratio) / burst)));
}

/** A fourfold swing of the load over a day of looks a minute apart. */
export function daily(requests: number): (look: number) => number {
  return (look) => requests * (1 + 0.6 * Math.sin((2 * Math.PI * look) / 1440));
}

/** Four stages of equal length. */
export function staged(looks: number): (look: number) => number {
  const shares = [0.01, 0.05, 0.25, 0.5];
  return (look) => shares[Math.min(3, Math.floor((4 * look) / looks))] ?? 0.5;
}

/** The value below which this part of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
