import { claimsIn, windowOf } from "../core/claim.ts";
import { createRun } from "./create-run.ts";
import { measure } from "./perform-measure.ts";
import type { Engine, PlanSource } from "./ports.ts";
import { plainOptions } from "./run.ts";

/** How busy the stable version is now, by one metric. */
export interface Traffic {
  /** Per second. */
  readonly requests: number;
  /** The part of them that are events, 0 to 1. */
  readonly rate: number;
}

export interface MeasuredTraffic {
  readonly traffic: ReadonlyMap<string, Traffic>;
  /** Why some metric says nothing. */
  readonly problems: readonly string[];
}

/** Asks the stable arm of every metric that is compared by its counts, once: before a rollout it has all the traffic. */
export async function measureTraffic(
  engine: Engine,
  source: PlanSource,
  cancel: AbortSignal,
): Promise<MeasuredTraffic> {
  const { plan, digest } = source;
  const run = createRun(engine, { rollout: "plan", plan, digest, epoch: 0 }, plainOptions, []);
  const gates = plan.stages.flatMap((stage) => stage.gates);
  const leaves = [...gates, ...plan.triggers].flatMap(({ condition }) =>
    claimsIn(condition, plan.metrics),
  );
  const asked = new Map(leaves.map((leaf) => [leaf.metric.name, leaf]));
  const traffic = new Map<string, Traffic>();
  const problems: string[] = [];
  try {
    for (const [name, { metric, condition }] of asked) {
      if (metric.compares === "means") continue;
      const window = windowOf(condition, metric);
      const sample = await measure(run, name, window, cancel, "stable");
      if (sample.kind !== "value") problems.push(`${name}: ${run.redactor.redact(sample.why)}`);
      else if (typeof sample.value !== "number" || sample.samples === null || window <= 0)
        problems.push(`${name}: nothing counts its samples`);
      else {
        const requests = sample.samples / (window / 1000);
        if (sample.value > 0) traffic.set(name, { requests, rate: sample.value });
        else
          problems.push(`${name}: stable has no event in ${sample.samples} requests of its window`);
      }
    }
  } finally {
    for (const each of run.sources.values()) each.close();
  }
  return { traffic, problems };
}
