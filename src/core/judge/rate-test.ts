import { NO_WORSE, WORSE, type Alternative } from "./alternatives.ts";
import { logSumExp } from "./log-mean-exp.ts";
import { BOUND_GRID, lowerBound, upperBound } from "./ratio-bound.ts";

/** Events and exposure of both arms between two looks; windows of different looks never overlap. */
export interface Look {
  readonly canary: Counts;
  readonly stable: Counts;
}

/** `events` of `total` requests; for pure counts `total` is the exposure: the share of traffic, time, or users. */
export interface Counts {
  readonly events: number;
  readonly total: number;
}

export interface RateTestOptions {
  /** The stated rate of false verdicts, 0 to 1: each of "worse" and "no worse" is wrong at most this often. */
  readonly alpha: number;
  /** Worse means: the rate of the canary is more than this many times that of stable. */
  readonly margin: number;
  /** No worse means: it is less than this many times that of stable. */
  readonly noWorseThan: number;
  /** Variance over mean of the counts; 1 where events come one by one, more where they come in bursts. */
  readonly designEffect: number;
}

/**
 * Two tests in one, both valid at every look, over pauses and resumes, and whoever decides when to stop: is the canary's
 * rate of events more than `margin` times stable's, and is it less than `noWorseThan` times?
 *
 * Given that an event happened, it is the canary's with probability `p(r) = share·r / (share·r + 1 - share)`, where `share`
 * is the canary's part of the exposure and `r` the ratio of the rates, whatever the rates themselves do over the day
 * (Lindon & Malek, NeurIPS 2022, arXiv 2011.03567). The likelihood ratio of a larger against the smaller `r` is a
 * supermartingale for every true ratio at or below the smaller one, so a mean of several of them stays below `1/alpha` for
 * ever with probability `1 - alpha` (Ville's inequality). The "no worse" test is the same with the roles swapped. Shares may
 * differ from look to look. Where events are a part of the requests they are hypergeometric, which varies less than that.
 *
 * The state is plain JSON and exact: a test that was stored and read goes on as if nothing had happened.
 */
export interface RateTest {
  readonly options: RateTestOptions;
  readonly looks: number;
  /** Sums over the looks, not divided by the design effect. */
  readonly canary: Counts;
  readonly stable: Counts;
  /** Mantel-Haenszel sums: their quotient estimates the ratio over looks of different shares. */
  readonly above: number;
  readonly below: number;
  /** Sum over the looks of events · ln(share·r + 1 - share), for each r of `gridOf`. */
  readonly spread: readonly number[];
  /** The log e-values of "worse" and of "no worse" after the last look, and the largest of "worse" at any look. */
  readonly log: number;
  readonly logNoWorse: number;
  readonly peak: number;
  readonly lower: number;
  /** The first verdict stays. */
  readonly verdict: Verdict;
}

export type Verdict = "worse" | "no-worse" | "undecided";

/** What a test says now. */
export interface Reading {
  readonly verdict: Verdict;
  /** The e-value of "worse": how many times likelier the counts are under some worse ratio than under the margin. */
  readonly e: number;
  /** The e-value of "no worse". */
  readonly eNoWorse: number;
  /** Always-valid p-value of "worse": at or below alpha exactly when the verdict is, or would have been, "worse". */
  readonly p: number;
  /** The estimated ratio of the rates; null before any event that could tell, Infinity while stable has none. */
  readonly ratio: number | null;
  /** The ratio is at least this, with confidence 1 - alpha at all looks at once; 0 when nothing can be said. */
  readonly lower: number;
}

/** A test that has seen nothing. Throws on options that make no sense. */
export function startRateTest(options: RateTestOptions): RateTest {
  const { alpha, margin, noWorseThan, designEffect } = options;
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha} is not between 0 and 1`);
  if (!(margin > 0 && Number.isFinite(margin)))
    throw new RangeError(`margin ${margin} is not above 0`);
  if (!(noWorseThan >= margin && Number.isFinite(noWorseThan)))
    throw new RangeError(`no-worse-than ${noWorseThan} is below the margin ${margin}`);
  if (!(designEffect >= 1 && Number.isFinite(designEffect)))
    throw new RangeError(`design effect ${designEffect} is below 1`);
  return {
    options,
    looks: 0,
    canary: { events: 0, total: 0 },
    stable: { events: 0, total: 0 },
    above: 0,
    below: 0,
    spread: gridOf(options).ratios.map(() => 0),
    log: 0,
    logNoWorse: 0,
    peak: 0,
    lower: 0,
    verdict: "undecided",
  };
}

/** Adds what happened since the look before. A look without exposure in one of the arms says nothing and changes nothing. */
export function addLook(test: RateTest, { canary, stable }: Look): RateTest {
  const looks = test.looks + 1;
  if (!(canary.total > 0 && stable.total > 0)) return { ...test, looks };
  const share = canary.total / (canary.total + stable.total);
  const events = canary.events + stable.events;
  const sums = {
    looks,
    canary: plus(test.canary, canary),
    stable: plus(test.stable, stable),
  };
  if (events === 0) return { ...test, ...sums };
  const { ratios } = gridOf(test.options);
  return concluded({
    ...test,
    ...sums,
    above: test.above + canary.events * (1 - share),
    below: test.below + stable.events * share,
    spread: test.spread.map(
      (sum, at) => sum + events * Math.log1p(share * ((ratios[at] ?? 1) - 1)),
    ),
  });
}

/** What the test says after its last look. */
export function readRateTest(test: RateTest): Reading {
  const { above, below, verdict, lower, log, logNoWorse, peak } = test;
  return {
    verdict,
    e: Math.exp(log),
    eNoWorse: Math.exp(logNoWorse),
    p: Math.min(1, Math.exp(-peak)),
    ratio: above === 0 && below === 0 ? null : above / below,
    lower,
  };
}

/**
 * The ratio is at most this, with confidence 1 - alpha at all looks at once; Infinity when nothing can be said. Not kept with
 * the test: it is a figure for people, and a hundred thousand looks a second do not wait for it.
 */
export function upperRatio(test: RateTest): number {
  const { alpha, noWorseThan } = test.options;
  if (test.canary.total === 0 || test.stable.total === 0) return Number.POSITIVE_INFINITY;
  const likelihood = likelihoodOf(test);
  const bound = upperBound((at) => likelihood(BOUND + at), -Math.log(alpha));
  // The bound is read off a grid of its own: on which side of the limit it lies, the test itself decides.
  return test.logNoWorse >= -Math.log(alpha)
    ? Math.min(bound, noWorseThan)
    : Math.max(bound, noWorseThan);
}

/** Where the parts of the grid begin: each margin stands before its alternatives. */
const AT_WORSE = 0;
const AT_NO_WORSE = 1 + WORSE.length;
const BOUND = AT_NO_WORSE + 1 + NO_WORSE.length;

function concluded(test: RateTest): RateTest {
  const { alpha, margin } = test.options;
  const bar = -Math.log(alpha);
  const likelihood = likelihoodOf(test);
  const log = evidence(likelihood, WORSE, AT_WORSE);
  const logNoWorse = evidence(likelihood, NO_WORSE, AT_NO_WORSE);
  const peak = Math.max(test.peak, log);
  const bound = lowerBound((at) => likelihood(BOUND + at), bar, test.lower);
  const found = log >= bar ? "worse" : logNoWorse >= bar ? "no-worse" : "undecided";
  return {
    ...test,
    log,
    logNoWorse,
    peak,
    // The bound is read off a grid of its own: on which side of the margin it lies, the test itself decides.
    lower: peak >= bar ? Math.max(bound, margin) : Math.min(bound, margin),
    verdict: test.verdict === "undecided" ? found : test.verdict,
  };
}

/** ln of the e-value against the ratio that stands first in a part of the grid, before its alternatives. */
function evidence(
  likelihood: Likelihood,
  alternatives: readonly Alternative[],
  first: number,
): number {
  const base = likelihood(first);
  return logSumExp(
    alternatives.map(({ part }, at) => likelihood(first + 1 + at) - base + Math.log(part)),
  );
}

type Likelihood = (at: number) => number;

/** The log-likelihood of all counts at each ratio of the grid, up to what is the same for all. */
function likelihoodOf({ options, canary, spread }: RateTest): Likelihood {
  const { designEffect } = options;
  const { logs } = gridOf(options);
  return (at) => (canary.events * (logs[at] ?? 0) - (spread[at] ?? 0)) / designEffect;
}

interface Grid {
  readonly ratios: readonly number[];
  readonly logs: readonly number[];
}

/** Computed once for each options object: a table has a hundred thousand looks. */
const grids = new WeakMap<RateTestOptions, Grid>();

/** Every ratio at which the likelihood is kept: the two margins, their alternatives, and the grid of the lower bound. */
function gridOf(options: RateTestOptions): Grid {
  const known = grids.get(options);
  if (known !== undefined) return known;
  const { margin, noWorseThan } = options;
  const ratios = [
    margin,
    ...WORSE.map(({ times }) => margin * times),
    noWorseThan,
    ...NO_WORSE.map(({ times }) => noWorseThan / times),
    ...BOUND_GRID,
  ];
  const grid = { ratios, logs: ratios.map(Math.log) };
  grids.set(options, grid);
  return grid;
}

function plus(a: Counts, b: Counts): Counts {
  return { events: a.events + b.events, total: a.total + b.total };
}
