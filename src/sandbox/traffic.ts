import type { Arm } from "./knobs.ts";

/** Upper bounds of the latency histogram, in seconds, without `+Inf`. */
export const latencyBounds = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5,
] as const;

/** How far back the windows of `/metrics.json` can reach. */
export const maxWindowMs = 60_000;

/** One answered request. */
export interface Sample {
  readonly at: number;
  readonly status: number;
  readonly latencyMs: number;
}

/** What one version has answered since the start. */
export interface ArmTraffic {
  readonly byStatus: Record<string, number>;
  /** Not cumulative: one count for each bound, and a last one for `+Inf`. */
  readonly buckets: number[];
  latencySumMs: number;
  count: number;
  served: number;
  lastRequestAt: number | null;
  /** When it stopped answering (`deadTarget`); its window then ends there. */
  deadSince: number | null;
  /** Samples of the last `maxWindowMs`. */
  samples: Sample[];
}

/** All that the metrics endpoints show. */
export interface Traffic {
  /** Time of the last step, which is the time of the values. */
  at: number;
  /** Part of a request that the last step owes to the next. */
  owed: number;
  dbActive: number;
  readonly dbSize: number;
  readonly arms: Record<Arm, ArmTraffic>;
}

/** No requests yet. Both statuses stand at 0 from the start, since a rate cannot see a series that appears with 1. */
export function createTraffic(at: number): Traffic {
  return {
    at,
    owed: 0,
    dbActive: 0,
    dbSize: 40,
    arms: { stable: createArm(), canary: createArm() },
  };
}

function createArm(): ArmTraffic {
  return {
    byStatus: { "200": 0, "500": 0 },
    buckets: Array.from({ length: latencyBounds.length + 1 }, () => 0),
    latencySumMs: 0,
    count: 0,
    served: 0,
    lastRequestAt: null,
    deadSince: null,
    samples: [],
  };
}

/** Counts one request. `served` is false for an answer that the router gave because the version has no replicas. */
export function countRequest(arm: ArmTraffic, sample: Sample, served: boolean): void {
  const status = String(sample.status);
  arm.byStatus[status] = (arm.byStatus[status] ?? 0) + 1;
  const found = latencyBounds.findIndex((bound) => sample.latencyMs / 1000 <= bound);
  const bucket = found === -1 ? latencyBounds.length : found;
  arm.buckets[bucket] = (arm.buckets[bucket] ?? 0) + 1;
  arm.latencySumMs += sample.latencyMs;
  arm.count += 1;
  if (served) arm.served += 1;
  arm.lastRequestAt = sample.at;
  arm.samples.push(sample);
}

/** Forgets samples that no window can reach. A dead version keeps its last ones: that is what makes it look alive. */
export function forgetOldSamples(arm: ArmTraffic, now: number): void {
  if (arm.deadSince !== null) return;
  const oldest = now - maxWindowMs;
  const keep = arm.samples.findIndex((sample) => sample.at > oldest);
  if (keep === -1) arm.samples = [];
  else if (keep > 0) arm.samples.splice(0, keep);
}
