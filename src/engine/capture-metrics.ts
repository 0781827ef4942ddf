import type { Condition } from "../core/condition.ts";
import { judgeCondition } from "../core/judge-condition.ts";
import { measurementKey, measurementsOf } from "../core/measurements.ts";
import type { Sample } from "../core/sample.ts";
import { idle } from "../core/state.ts";
import { measure } from "./perform-measure.ts";
import type { Run } from "./run.ts";

export interface CapturedMetrics {
  readonly values: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Bound of the wait for sources that must first see a window, in milliseconds. */
const PATIENCE = 60_000;
const PAUSE = 1000;

/**
 * Asks every metric once before the start: its value is the baseline of relative conditions, and it shows that the source
 * answers, freshly and with one series. A trigger that fires already is a reason not to start.
 */
export async function captureMetrics(run: Run, cancel: AbortSignal): Promise<CapturedMetrics> {
  const { plan } = run;
  const gates = plan.stages.flatMap((stage) => stage.gates);
  const conditions = [...gates, ...plan.triggers, ...plan.rollback.verify.gates].map(
    ({ condition }) => condition,
  );
  const relative = new Set(conditions.flatMap(relativeMetrics));
  const names = [...new Set(conditions.flatMap(measurementsOf).map(({ metric }) => metric))];
  // A baseline that the plan states need not be waited for: the canary may have nothing to tell before it is served.
  const isNeeded = (name: string): boolean =>
    relative.has(name) && (plan.metrics[name]?.baseline ?? null) === null;
  const samples = new Map(
    await Promise.all(
      names.map(
        async (name) => [name, await patiently(run, name, isNeeded(name), cancel)] as const,
      ),
    ),
  );
  const problems = names.flatMap((name) => problemOf(run, name, samples.get(name), relative));
  const values: Record<string, number> = {};
  for (const [name, sample] of samples) {
    if (sample.kind === "value" && typeof sample.value === "number") values[name] = sample.value;
  }
  return { values, problems: [...problems, ...firingAlready(run, samples)] };
}

/** A metric that derives rates from its own scrapes needs a moment before it can say anything. */
async function patiently(
  run: Run,
  name: string,
  needed: boolean,
  cancel: AbortSignal,
): Promise<Sample> {
  const until = run.engine.clock.mono() + (needed ? PATIENCE : 3000);
  for (;;) {
    const sample = await measure(run, name, null, cancel);
    if (sample.kind === "value" || cancel.aborted || run.engine.clock.mono() >= until)
      return sample;
    await new Promise<void>((resolve) => run.engine.clock.after(PAUSE, resolve));
  }
}

function problemOf(
  run: Run,
  name: string,
  sample: Sample | undefined,
  relative: ReadonlySet<string>,
): readonly string[] {
  const metric = run.plan.metrics[name];
  if (sample === undefined || metric === undefined || sample.kind === "value") return [];
  if (sample.kind === "error" || sample.kind === "stale") return [`metric ${name}: ${sample.why}`];
  // No data yet is normal for a window that is not over; without a baseline a relative condition could never be judged.
  return relative.has(name) && metric.baseline === null
    ? [`metric ${name} is compared with its baseline, but has none: ${sample.why}`]
    : [];
}

function firingAlready(run: Run, samples: ReadonlyMap<string, Sample>): readonly string[] {
  const known = Object.fromEntries(
    [...samples].map(([name, sample]) => [measurementKey(name, null), { sample, at: 0 }]),
  );
  const values = Object.fromEntries(
    [...samples].flatMap(([name, sample]) =>
      sample.kind === "value" && typeof sample.value === "number"
        ? [[name, sample.value] as const]
        : [],
    ),
  );
  return run.plan.triggers.flatMap((trigger) => {
    if (trigger.does !== "rollback" && trigger.does !== "hold") return [];
    const state = { ...idle, samples: known, baseline: values };
    const judged = judgeCondition(trigger.condition, {
      plan: run.plan,
      state,
      now: 0,
      owner: trigger.id,
      clock: null,
    });
    return judged.truth === "holds"
      ? [`trigger ${trigger.name} already fires: ${judged.detail}`]
      : [];
  });
}

/** The metrics whose baseline something is compared with. What is compared with stable needs none. */
function relativeMetrics(condition: Condition): readonly string[] {
  if (condition.kind === "metric")
    return "to" in condition.limit && condition.limit.to === "baseline" ? [condition.metric] : [];
  return condition.kind === "all" || condition.kind === "any"
    ? condition.of.flatMap(relativeMetrics)
    : [];
}
