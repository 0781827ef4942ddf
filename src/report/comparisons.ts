import { countGateClaims, familyOf } from "../core/claim-family.ts";
import { claimsIn, windowOf } from "../core/claim.ts";
import { fewestBets } from "../core/judge/betting.ts";
import { LEAST } from "../core/judge/mean-test.ts";
import { exposureToProve, smallestProvable, type Question } from "../core/judge/power.ts";
import type { Metric, Plan, Stage, Trigger } from "../core/plan.ts";
import type { Millis } from "../core/units.ts";
import { formatDuration } from "./format-duration.ts";

/** What a plan's stages will see. */
export interface ExpectedTraffic {
  /** Of both versions together, per second. */
  readonly requests: number;
  /** The part of stable's requests that are events, 0 to 1; null where only the metric's stated baseline says it. */
  readonly rate: number | null;
}

/** What is known of the traffic: given for all metrics, or measured for some. */
export interface KnownTraffic {
  readonly given: ExpectedTraffic | null;
  readonly measured?: ReadonlyMap<string, ExpectedTraffic>;
}

/** How soon a true ratio is settled: in four of five runs, by so many events at the canary. */
export interface Settled {
  readonly ratio: number;
  /** That it is more, or less, than the limit of the condition. */
  readonly as: "more" | "at-most";
  readonly events: number;
  /** Requests at the canary, and the time that they take; null where the traffic is not known. */
  readonly requests: number | null;
  readonly after: Millis | null;
}

/** One comparison with stable in one stage. */
export interface Comparison {
  readonly stage: string;
  readonly place: "gate" | "trigger";
  readonly text: string;
  readonly confidence: number;
  /** Of values, without a bound of theirs: the confidence holds only where they have no heavy tails. In words what to do. */
  readonly approximate?: string;
  /** How many comparisons share the false alarms; 1 for one alone. */
  readonly sharedBy: number;
  /** What the canary is expected to count while the stage soaks; null where the traffic is not known. */
  readonly expected: { readonly requests: number; readonly events: number } | null;
  /** A canary that is like stable, for a gate; then ones that are 2, 5 and 10 times worse. */
  readonly settled: readonly Settled[];
  /** The least ratio that is found in the soak of the stage; null for none below 100 times the limit. */
  readonly smallest?: number | null;
  /** What the stage cannot do, in words; null when all is well. */
  readonly warning: string | null;
}

/** What every comparison at a confidence can see in every stage, in the order of the plan. */
export function comparisonsOf(plan: Plan, traffic: KnownTraffic): readonly Comparison[] {
  return plan.stages.flatMap((stage) => [
    ...stage.gates.flatMap(({ condition }) =>
      claimsIn(condition, plan.metrics).map((leaf) =>
        compare({ plan, stage, does: null, ...leaf }, traffic),
      ),
    ),
    ...plan.triggers.flatMap(({ does, condition }) =>
      claimsIn(condition, plan.metrics).map((leaf) =>
        compare({ plan, stage, does, ...leaf }, traffic),
      ),
    ),
  ]);
}

type Leaf = ReturnType<typeof claimsIn>[number];

interface Place extends Leaf {
  readonly plan: Plan;
  readonly stage: Stage;
  /** What the trigger does; null for a gate. */
  readonly does: Trigger["does"] | null;
}

type Known = { readonly requests: number; readonly rate: number };

function trafficOf(metric: Metric, { given, measured }: KnownTraffic): Known | null {
  const known = given ?? measured?.get(metric.name);
  const rate = known?.rate ?? measured?.get(metric.name)?.rate ?? metric.baseline;
  return known === undefined || rate === null || !(rate > 0)
    ? null
    : { requests: known.requests, rate };
}

function compare(place: Place, known: KnownTraffic): Comparison {
  const { plan, stage, does, claimed, metric, condition } = place;
  const members = does === null ? countGateClaims(plan) : familyOf(plan, does).members.length;
  const base = {
    stage: stage.name,
    place: does === null ? ("gate" as const) : ("trigger" as const),
    text: condition.text.trim(),
    confidence: claimed.confidence,
    sharedBy: Math.max(1, members),
    expected: null,
    settled: [],
  };
  if (metric.compares === "means") return { ...base, ...ofMeans(place, base.sharedBy) };
  if (stage.share === null || stage.share <= 0 || stage.share >= 100) {
    const warning = `at ${stage.share ?? 0} % there is only one version to count: nothing can be compared`;
    return { ...base, warning };
  }
  return { ...base, ...seenBy(place, stage.share / 100, trafficOf(metric, known), base.sharedBy) };
}

/** What a comparison sees while the traffic is split. */
function seenBy(
  { stage, does, claimed, metric, condition }: Place,
  share: number,
  traffic: Known | null,
  sharedBy: number,
): Pick<Comparison, "expected" | "settled" | "smallest" | "warning"> {
  const { confidence, factor, says } = claimed;
  const alpha = 1 - confidence;
  const window = windowOf(condition, metric);
  const asked = { limit: factor, share, designEffect: metric.designEffect ?? 1 };
  // A trigger shares what makes it fire, a gate what makes it red.
  const found = { ...asked, alpha: does === null && says === "more" ? alpha : alpha / sharedBy };
  const like = settle({ ...asked, alpha, says: "at-most", ratio: 1 }, traffic, window);
  const worse = worthFinding(factor).map((ratio) =>
    settle({ ...found, says: "more", ratio }, traffic, window),
  );
  const settled = says === "at-most" ? [like, ...worse] : worse;
  const unsuited = says === "at-most" ? gateWarning(like, stage, factor) : null;
  if (traffic === null) return { expected: null, settled, warning: unsuited };
  const requests = (traffic.requests * stage.soak) / 1000;
  const smallest = smallestProvable(found, { ...traffic, requests });
  const warning = says === "at-most" ? unsuited : triggerWarning(smallest, stage);
  return { expected: expectedIn(stage, share, traffic), settled, smallest, warning };
}

function expectedIn(
  stage: Stage,
  share: number,
  { requests, rate }: Known,
): Comparison["expected"] {
  const atCanary = (requests * share * stage.soak) / 1000;
  return { requests: atCanary, events: atCanary * rate };
}

const APPROXIMATE =
  "it holds for means of many requests; heavy tails of one side make it wrong far more often";

function ofMeans(place: Place, sharedBy: number): Pick<Comparison, "approximate" | "warning"> {
  const { stage, metric, condition, does } = place;
  const { max, name } = metric;
  const windows = max === undefined ? LEAST : windowsWithin(place, max, sharedBy);
  const needed = windows * windowOf(condition, metric);
  const time = does === null ? stage.within : stage.soak;
  const has = does === null ? "the stage has" : "the soak is";
  const late = Number.isFinite(needed)
    ? `values are compared over ${windows} windows at least, which take ${formatDuration(needed)}; ${has} ${formatDuration(time)}`
    : "a canary like stable can never be proven so: write a limit above 1x";
  const warning = time >= needed ? null : late;
  if (max !== undefined) return { warning };
  const approximate = `${APPROXIMATE}: give ${name} a \`max\`, or count what is beyond a bound as \`bad\` and \`total\``;
  return { approximate, warning };
}

/**
 * The windows that bounded values take, with no noise in them: at a gate for a canary like stable, at a trigger for one
 * that is twice the limit. Where stable's value is not stated, it is taken for half of the most that it may be.
 */
function windowsWithin({ claimed, metric, does }: Place, max: number, sharedBy: number): number {
  const { factor, says, confidence } = claimed;
  const stable = Math.min(max, metric.baseline ?? max / 2);
  const canary = Math.min(max, does === null ? stable : 2 * factor * stable);
  const off =
    says === "more"
      ? (canary - factor * stable) / (factor * max)
      : (factor * stable - canary) / max;
  const alpha = does === null ? 1 - confidence : (1 - confidence) / sharedBy;
  return off > 0 ? fewestBets(off, alpha) : Number.POSITIVE_INFINITY;
}

/** Twice, five and ten times stable, as far as that is beyond the limit. */
function worthFinding(factor: number): readonly number[] {
  const beyond = [2, 5, 10].filter((ratio) => ratio > factor);
  return beyond.length > 0 ? beyond : [2 * factor];
}

function settle(question: Question, traffic: Known | null, window: Millis): Settled {
  const exposure = exposureToProve(question);
  const { ratio, share, says } = question;
  const events = exposure * ratio;
  if (traffic === null) return { ratio, as: says, events, requests: null, after: null };
  const requests = exposure / traffic.rate;
  const after = Math.max(window, (1000 * requests) / (traffic.requests * share));
  return { ratio, as: says, events, requests, after };
}

function gateWarning(settled: Settled | undefined, stage: Stage, factor: number): string | null {
  if (settled === undefined || !Number.isFinite(settled.events))
    return `a canary like stable can never be proven below ${factor}x: write a limit above 1x`;
  return settled.after !== null && settled.after > stage.within
    ? "longer than the stage has: it would hold for a person; give it more traffic, more time or a wider limit"
    : null;
}

function triggerWarning(smallest: number | null, { soak }: Stage): string | null {
  if (smallest !== null && smallest <= 10) return null;
  return soak === 0
    ? "the stage has no soak, so nothing is counted in it"
    : "the stage is too short or too small to find even 10x: other triggers have to";
}
