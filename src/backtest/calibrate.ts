import { claimOf } from "../core/claim.ts";
import type { Condition } from "../core/condition.ts";
import { countsOfSample } from "../core/counts-of-sample.ts";
import { designEffectOf, ratioOf } from "../core/judge/dispersion.ts";
import type { Look } from "../core/judge/rate-test.ts";
import { replayMargins, suggestMargin, type Replayed } from "../core/judge/replay-margins.ts";
import type { Metric, Plan } from "../core/plan.ts";
import type { Sample } from "../core/sample.ts";
import type { WallTime } from "../core/units.ts";
import { createRun } from "../engine/create-run.ts";
import { measure } from "../engine/perform-measure.ts";
import type { Engine, PlanSource } from "../engine/ports.ts";
import { plainOptions } from "../engine/run.ts";
import type { Incident } from "./summarize.ts";

/** What the past says about how one metric is to be compared with stable. */
export interface Calibration {
  readonly metric: string;
  /** Windows in which both arms counted something. */
  readonly looks: number;
  readonly events: number;
  /** How many times stable's rate the canary's was over all of it; null without events in both. */
  readonly ratio: number | null;
  /** Null with too few events to say. */
  readonly designEffect: number | null;
  /** How many stretches, each as long as all soaks together, and how often each margin was found exceeded in them. */
  readonly stretches: number;
  readonly margins: readonly Replayed[];
  /** The least margin with no more false alarms than stated; null for none of those tried. */
  readonly margin: number | null;
  /** Why nothing can be said; null when something can. */
  readonly problem: string | null;
}

export interface CalibrateOptions {
  readonly from: WallTime;
  readonly to: WallTime;
  readonly incidents: readonly Incident[];
  readonly engine: Omit<Engine, "clock" | "observe">;
}

/** Counts what both arms did, window after window, for every metric that the plan compares with stable at a confidence. */
export async function calibrate(
  source: PlanSource,
  options: CalibrateOptions,
): Promise<readonly Calibration[]> {
  const { plan } = source;
  const soaks = plan.stages.reduce((sum, { soak }) => sum + soak, 0);
  const found: Calibration[] = [];
  for (const metric of comparedMetrics(plan)) {
    const { looks, problem } = await looksOf(source, metric, options);
    found.push(summarize(metric, looks, { soaks, problem }));
  }
  return found;
}

interface Seen {
  readonly looks: readonly Look[];
  readonly problem: string | null;
}

/** Every window of the past in which both arms counted something. */
async function looksOf(
  source: PlanSource,
  metric: Metric,
  { from, to, engine, incidents }: CalibrateOptions,
): Promise<Seen> {
  const { window } = metric;
  if (window <= 0) return { looks: [], problem: "it has no window" };
  const looks: Look[] = [];
  let why = "the time is shorter than one window";
  for (let at = from + window; at <= to; at += window) {
    if (incidents.some((incident) => at - window < incident.to && at > incident.from)) continue;
    const answer = await lookAt(source, engine, metric, at);
    if (typeof answer === "string") why = answer;
    else looks.push(answer);
  }
  return { looks, problem: looks.length > 0 ? null : why };
}

function summarize(
  metric: Metric,
  looks: readonly Look[],
  { soaks, problem }: { readonly soaks: number; readonly problem: string | null },
): Calibration {
  const alpha = 1 - (metric.confidence ?? 0.95);
  const designEffect = designEffectOf(looks);
  const length = Math.max(1, Math.floor(soaks / Math.max(1, metric.window)));
  const replayed = replayMargins(looks, length, { alpha, designEffect: designEffect ?? 1 });
  return {
    metric: metric.name,
    looks: looks.length,
    events: looks.reduce((sum, { canary, stable }) => sum + canary.events + stable.events, 0),
    ratio: ratioOf(looks),
    designEffect,
    ...replayed,
    margin: suggestMargin(replayed, alpha),
    problem,
  };
}

/** The metrics of claims, each once. */
function comparedMetrics(plan: Plan): readonly Metric[] {
  const gates = plan.stages.flatMap((stage) => stage.gates);
  const conditions = [...gates, ...plan.triggers].map(({ condition }) => condition);
  const names = new Set(conditions.flatMap((condition) => claimedIn(condition, plan)));
  return [...names].flatMap((name) => plan.metrics[name] ?? []);
}

function claimedIn(condition: Condition, plan: Plan): readonly string[] {
  if (condition.kind === "all" || condition.kind === "any")
    return condition.of.flatMap((part) => claimedIn(part, plan));
  if (condition.kind !== "metric") return [];
  const metric = plan.metrics[condition.metric];
  return metric !== undefined && claimOf(condition, metric) !== null ? [metric.name] : [];
}

/** What both arms counted in the window that ends at this time; in words why not. */
async function lookAt(
  source: PlanSource,
  engine: CalibrateOptions["engine"],
  metric: Metric,
  at: WallTime,
): Promise<Look | string> {
  const clock = { now: () => at, mono: () => 0, after: () => () => undefined };
  const identity = { rollout: engine.by, plan: source.plan, digest: source.digest, epoch: 0 };
  const run = createRun({ ...engine, clock, observe: () => undefined }, identity, plainOptions, []);
  const cancel = new AbortController().signal;
  const [canary, stable] = await Promise.all([
    measure(run, metric.name, null, cancel, "canary"),
    measure(run, metric.name, null, cancel, "stable"),
  ]);
  const counted = [canary, stable].map(countsOf);
  const [ofCanary, ofStable] = counted;
  if (typeof ofCanary !== "object") return `canary: ${String(ofCanary)}`;
  if (typeof ofStable !== "object") return `stable: ${String(ofStable)}`;
  return { canary: ofCanary, stable: ofStable };
}

function countsOf(sample: Sample): Look["canary"] | string {
  if (sample.kind !== "value") return sample.why;
  return countsOfSample(sample) ?? "nothing counts its samples";
}
