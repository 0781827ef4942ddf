import { claimOf, windowOf, type Claimed } from "../core/claim.ts";
import type { Condition } from "../core/condition.ts";
import { exposureToProve, smallestProvable, type Question } from "../core/judge/power.ts";
import type { Metric, Plan, Stage } from "../core/plan.ts";
import type { Millis } from "../core/units.ts";

/** What a plan's stages will see. */
export interface ExpectedTraffic {
  /** Of both versions together, per second. */
  readonly requests: number;
  /** The part of stable's requests that are events, 0 to 1. */
  readonly rate: number;
}

/** How soon a true ratio is settled: in four of five runs, by so many events at the canary. */
export interface Settled {
  readonly ratio: number;
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
  /** For a gate: a canary that is like stable. For a trigger: ones that are 2, 5 and 10 times worse. */
  readonly settled: readonly Settled[];
  /** For a trigger: the least ratio that the soak of the stage is enough for; null for none below 100 times the limit. */
  readonly smallest?: number | null;
  /** What the stage cannot do, in words; null when all is well. */
  readonly warning: string | null;
}

/** What every comparison at a confidence can see in every stage, in the order of the plan. */
export function comparisonsOf(plan: Plan, traffic: ExpectedTraffic | null): readonly Comparison[] {
  return plan.stages.flatMap((stage) => {
    const gates = stage.gates.map(({ condition }) => ["gate", condition] as const);
    const triggers = plan.triggers.map(({ condition }) => ["trigger", condition] as const);
    return [...gates, ...triggers].flatMap(([place, condition]) =>
      claimsIn(condition, plan).map((claim) => compare(stage, place, claim, traffic)),
    );
  });
}

interface Found {
  readonly text: string;
  readonly claimed: Claimed;
  readonly metric: Metric;
  /** Nothing is counted sooner than this. */
  readonly window: Millis;
}

function claimsIn(condition: Condition, plan: Plan): readonly Found[] {
  if (condition.kind === "all" || condition.kind === "any")
    return condition.of.flatMap((part) => claimsIn(part, plan));
  if (condition.kind !== "metric") return [];
  const metric = plan.metrics[condition.metric];
  const claimed = metric === undefined ? null : claimOf(condition, metric);
  return metric === undefined || claimed === null
    ? []
    : [{ text: condition.text.trim(), claimed, metric, window: windowOf(condition, metric) }];
}

function compare(
  stage: Stage,
  place: Comparison["place"],
  { text, claimed, metric, window }: Found,
  traffic: ExpectedTraffic | null,
): Comparison {
  const { confidence, factor, says } = claimed;
  const share = (stage.share ?? 0) / 100;
  const base = { stage: stage.name, place, text, confidence };
  if (share <= 0 || share >= 1) {
    const warning = `at ${stage.share ?? 0} % there is only one version to count: nothing can be compared`;
    return { ...base, settled: [], warning };
  }
  const { designEffect = 1 } = metric;
  const asked = { alpha: 1 - confidence, limit: factor, share, designEffect };
  const ratios = says === "at-most" ? [1] : worthFinding(factor);
  const settled = ratios.map((ratio) => settle({ ...asked, says, ratio }, traffic, window));
  if (says === "at-most")
    return { ...base, settled, warning: gateWarning(settled[0], stage, factor) };
  if (traffic === null) return { ...base, settled, warning: null };
  const requests = (traffic.requests * stage.soak) / 1000;
  const smallest = smallestProvable(asked, { requests, rate: traffic.rate });
  return { ...base, settled, smallest, warning: triggerWarning(smallest, stage) };
}

/** Twice, five and ten times stable, or the limit where that is more. */
function worthFinding(factor: number): readonly number[] {
  const scale = factor < 1.5 ? 1 : factor;
  return [2, 5, 10].map((times) => times * scale);
}

function settle(question: Question, traffic: ExpectedTraffic | null, window: Millis): Settled {
  const exposure = exposureToProve(question);
  const { ratio, share } = question;
  const events = exposure * ratio;
  if (traffic === null) return { ratio, events, requests: null, after: null };
  const requests = exposure / traffic.rate;
  const after = Math.max(window, (1000 * requests) / (traffic.requests * share));
  return { ratio, events, requests, after };
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
