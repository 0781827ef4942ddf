import { logMeanExp } from "./log-mean-exp.ts";

/** Four points for each doubling: fine enough to read a ratio from, coarse enough to lie in a journal. */
const PER_DOUBLING = 4;
const FIRST = -4 * PER_DOUBLING;
const LAST = 6 * PER_DOUBLING;

/** Ratios from 1/16 to 64, at which the likelihood is kept for the lower bound. */
export const BOUND_GRID: readonly number[] = Array.from(
  { length: LAST - FIRST + 1 },
  (_, at) => 2 ** ((FIRST + at) / PER_DOUBLING),
);

/** How many points above a ratio its alternatives lie: 1.2, 1.4, 2, 2.8, 4.8, 9.5 and 19 times. */
const STEPS: readonly number[] = [1, 2, 4, 6, 9, 13, 17];

/**
 * The largest ratio that is ruled out together with all below it, and so a lower confidence bound valid at all looks: the
 * ratios that no test rejects are a confidence sequence. Between two points of the grid the log e-value is taken to be a
 * parabola, so that it is a figure for people; verdicts never rest on it. Never below `before`, the bound of the
 * looks before; 0 when not even 1/16 is ruled out.
 *
 * `likelihood` gives the log-likelihood at a point of `BOUND_GRID`; `bar` is ln(1/alpha).
 */
export function lowerBound(
  likelihood: (at: number) => number,
  bar: number,
  before: number,
): number {
  let at = BOUND_GRID.findLastIndex((ratio) => ratio <= before);
  let log = at < 0 ? bar : evidence(likelihood, at);
  for (; at + 1 < BOUND_GRID.length; at += 1) {
    const next = evidence(likelihood, at + 1);
    if (next < bar) return Math.max(before, log < bar ? 0 : between(at, log, next, bar));
    log = next;
  }
  return Math.max(before, BOUND_GRID.at(-1) ?? 0);
}

/** ln of the e-value against the ratio at this point. Alternatives beyond the grid count as ruled out. */
function evidence(likelihood: (at: number) => number, at: number): number {
  const base = likelihood(at);
  const above = STEPS.filter((step) => at + step < BOUND_GRID.length);
  if (above.length === 0) return Number.NEGATIVE_INFINITY;
  const logs = above.map((step) => likelihood(at + step) - base);
  return logMeanExp(logs) + Math.log(above.length / STEPS.length);
}

/** Where between a point and the next the evidence reaches the bar; 0 below the first point. */
function between(at: number, log: number, next: number, bar: number): number {
  const ratio = BOUND_GRID[at];
  const [from, to, wanted] = [log, Math.max(0, next), bar].map(Math.sqrt);
  if (ratio === undefined || from === undefined || to === undefined || wanted === undefined)
    return 0;
  return ratio * 2 ** ((from - wanted) / (from - to) / PER_DOUBLING);
}

/**
 * The smallest ratio that is ruled out together with all above it: as `lowerBound`, from above. Infinity when not even 64 is.
 */
export function upperBound(likelihood: (at: number) => number, bar: number): number {
  let log = Number.NEGATIVE_INFINITY;
  for (let at = BOUND_GRID.length - 1; at >= 0; at -= 1) {
    const next = evidenceBelow(likelihood, at);
    if (next < bar)
      return log < bar ? Number.POSITIVE_INFINITY : betweenAbove(at + 1, log, next, bar);
    log = next;
  }
  return BOUND_GRID[0] ?? 0;
}

function evidenceBelow(likelihood: (at: number) => number, at: number): number {
  const base = likelihood(at);
  const below = STEPS.filter((step) => at - step >= 0);
  if (below.length === 0) return Number.NEGATIVE_INFINITY;
  const logs = below.map((step) => likelihood(at - step) - base);
  return logMeanExp(logs) + Math.log(below.length / STEPS.length);
}

function betweenAbove(at: number, log: number, next: number, bar: number): number {
  const ratio = BOUND_GRID[at] ?? Number.POSITIVE_INFINITY;
  const [from = 0, to = 0, wanted = 0] = [log, Math.max(0, next), bar].map(Math.sqrt);
  return ratio / 2 ** ((from - wanted) / (from - to) / PER_DOUBLING);
}
