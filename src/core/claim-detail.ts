import type { Claim, Claimed } from "./claim.ts";
import { surenessOf, windowsToSettle, type PairedTest } from "./judge/paired-test.ts";
import { exposureToProve } from "./judge/power.ts";
import { readRateTest, upperRatio, type Counts, type RateTest } from "./judge/rate-test.ts";
import type { Metric } from "./plan.ts";
import { showValue } from "./show-value.ts";

export interface ClaimToTell {
  readonly metric: Metric;
  readonly claim: Claim;
  readonly claimed: Claimed;
  /** What is proven so far. */
  readonly proven: Claimed["says"] | null;
}

/** The evidence as an engineer on call reads it: both rates, what was counted, the ratio with its interval, and how sure that is. */
export function describeClaim(told: ClaimToTell): string {
  const { metric, claim } = told;
  const figures =
    claim.kind === "counts" ? countFigures(claim.test) : meanFigures(claim.test, metric);
  return `${metric.name}: ${figures}; ${sureness(told)}`;
}

function countFigures(test: RateTest): string {
  const { ratio, lower } = readRateTest(test);
  const times =
    ratio === null
      ? "nothing to compare yet"
      : `${shownRatio(ratio)}${interval(lower, upperRatio(test))}`;
  return `canary ${shown(test.canary)}, stable ${shown(test.stable)}: ${times}`;
}

function meanFigures(test: PairedTest, { unit }: Metric): string {
  const { looks, canary, stable, options, least, greatest } = test;
  if (looks === 0) return "no window with enough samples in both arms yet";
  const [ofCanary, ofStable] = [canary / looks, stable / looks];
  const arms = `canary ${showValue(round(ofCanary), unit)}, stable ${showValue(round(ofStable), unit)} over ${looks} windows`;
  if (!(ofStable > 0)) return arms;
  const bound = (off: number): number => Math.max(0, options.factor + off / ofStable);
  const around = interval(bound(least), bound(greatest), "about ");
  return `${arms}: ${digits(ofCanary / ofStable)}x stable${around}`;
}

function interval(lower: number, upper: number, about = ""): string {
  const parts = [
    ...(lower > 0 ? [`at least ${about}${digits(lower)}x`] : []),
    ...(Number.isFinite(upper) ? [`at most ${about}${digits(upper)}x`] : []),
  ];
  return parts.map((part) => `, ${part}`).join("");
}

function sureness({ claim, claimed, proven }: ClaimToTell): string {
  const { confidence, factor } = claimed;
  const percent = `${isApproximate(claim) ? "about " : ""}${digits(100 * confidence)}%`;
  if (proven !== null)
    return `proven ${proven === "more" ? "more" : "no more"} than ${digits(factor)}x at ${percent}`;
  const more =
    claim.kind === "counts" ? moreRequests(claim.test, claimed) : moreWindows(claim.test, claimed);
  return `not settled at ${percent}${more}`;
}

/** How sure it is so far, and about how many requests at the canary are still needed if it goes on like this. */
function moreRequests(test: RateTest, { confidence, factor }: Claimed): string {
  const { log, logNoWorse, canary, peak } = test;
  const isMore = log >= logNoWorse;
  const lead = isMore ? Math.max(peak, log) : logNoWorse;
  const sure = digits(Math.max(0, Math.min(99.9, 100 * (1 - Math.exp(-lead)))));
  const so =
    lead > 0
      ? `: ${sure}% sure so far that it is ${isMore ? "more" : "less"} than ${digits(factor)}x`
      : "";
  if (lead >= -Math.log(1 - confidence))
    return `${so}, which several comparisons together need more of`;
  const needed = requestsToSettle(test, confidence);
  if (needed === null) return so;
  return `${so}, about ${digits(Math.max(1, needed - canary.total))} more requests at the canary would`;
}

/** By the rates so far, in four of five runs; null where nothing can be said, or they are too close to the limit. */
function requestsToSettle(
  { options, canary, stable, above, below }: RateTest,
  confidence: number,
): number | null {
  if (stable.events === 0 || canary.total === 0) return null;
  const { margin: limit, designEffect } = options;
  const ratio = above / below;
  const exposure = exposureToProve({
    alpha: 1 - confidence,
    limit,
    says: ratio > limit ? "more" : "at-most",
    ratio,
    share: canary.total / (canary.total + stable.total),
    designEffect,
  });
  const requests = exposure / (stable.events / stable.total);
  return Number.isFinite(requests) && requests < canary.total * 1e6 ? requests : null;
}

/** Without a bound of their values, means are only as sure as stated where these have no heavy tails. */
function isApproximate(claim: Claim): boolean {
  return claim.kind === "means" && claim.test.stakes === null;
}

function moreWindows(test: PairedTest, { factor }: Claimed): string {
  const sure = surenessOf(test);
  const lead = sure === null ? 0 : Math.max(sure.more, sure.atMost);
  const so =
    sure === null || lead === 0
      ? ""
      : `: ${digits(Math.min(99.9, 100 * lead))}% sure so far that it is ${sure.more === lead ? "more" : "less"} than ${digits(factor)}x`;
  const windows = windowsToSettle(test);
  const missing = windows === null ? 0 : windows - test.difference.n;
  return missing > 0 ? `${so}, about ${missing} more windows would` : so;
}

function shownRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${digits(ratio)}x stable` : "none at stable";
}

/** Sources extrapolate, so that counts are no whole numbers: shown as ones, and the share as that of what is shown. */
function shown(counts: Counts): string {
  const [events, total] = [Math.round(counts.events), Math.round(counts.total)];
  return total === 0 ? "none" : `${events} of ${total} (${digits((100 * events) / total)}%)`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
