import type { Arm } from "./knobs.ts";
import { isUp } from "./metrics-text.ts";
import { maxWindowMs, type ArmTraffic, type Sample } from "./traffic.ts";
import type { World } from "./world.ts";

/** One version over the window. Times are seconds; a ratio or quantile of no requests is `null`, never 0. */
interface WindowMetrics {
  readonly requests: number;
  readonly errors: number;
  readonly error_rate: number | null;
  readonly rps: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** What a version adds to its window: whether it answers, and when it last did (ISO). */
interface ArmMetrics extends WindowMetrics {
  readonly up: 0 | 1;
  readonly last_request_at: string | null;
}

/** The body of `GET /metrics.json`. `timestamp` is unix seconds; `window` is seconds. */
export interface MetricsJson {
  readonly at: string;
  readonly timestamp: number;
  readonly window: number;
  readonly all: WindowMetrics;
  readonly stable: ArmMetrics;
  readonly canary: ArmMetrics;
  readonly db: { readonly active: number; readonly size: number; readonly usage: number };
}

/** The metrics of the last `windowMs` (at most 60 s). A dead version goes on showing the window in which it died. */
export function metricsJson(world: World, windowMs: number): MetricsJson {
  const traffic = world.frozen ?? world.traffic;
  const reach = Math.min(windowMs, maxWindowMs);
  const samplesOf = (arm: ArmTraffic): Sample[] => {
    const end = arm.deadSince ?? traffic.at;
    return arm.samples.filter((sample) => sample.at > end - reach && sample.at <= end);
  };
  const armOf = (name: Arm): ArmMetrics => {
    const arm = traffic.arms[name];
    return {
      ...summarize(samplesOf(arm), reach),
      up: isUp(world, traffic, name) ? 1 : 0,
      last_request_at:
        arm.lastRequestAt === null ? null : new Date(arm.lastRequestAt).toISOString(),
    };
  };
  const both = [...samplesOf(traffic.arms.stable), ...samplesOf(traffic.arms.canary)];
  return {
    at: new Date(traffic.at).toISOString(),
    timestamp: traffic.at / 1000,
    window: reach / 1000,
    all: summarize(both, reach),
    stable: armOf("stable"),
    canary: armOf("canary"),
    db: {
      active: traffic.dbActive,
      size: traffic.dbSize,
      usage: traffic.dbActive / traffic.dbSize,
    },
  };
}

function summarize(samples: readonly Sample[], windowMs: number): WindowMetrics {
  const requests = samples.length;
  const errors = samples.filter((sample) => sample.status >= 500).length;
  const latencies = samples.map((sample) => sample.latencyMs / 1000).toSorted((a, b) => a - b);
  return {
    requests,
    errors,
    error_rate: requests === 0 ? null : errors / requests,
    rps: requests / (windowMs / 1000),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
  };
}

/** The nearest-rank quantile: a value that was measured. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
