import { defaultKnobs, type Arm, type Knobs } from "./knobs.ts";
import { createRng, type Rng } from "./rng.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

/** A feature flag; `percentage` (0 to 100) counts only while `enabled`. */
export interface Flag {
  readonly enabled: boolean;
  readonly percentage: number;
}

/** What runs as one version of the service. With 0 replicas the router has nothing to send requests to. */
export interface Deployment {
  readonly image: string;
  readonly replicas: number;
}

/** One change that took effect. `rollout` and `epoch` are the writer's own word for itself (`X-Canary-*` headers). */
interface WriteRecord {
  readonly at: string;
  readonly what: string;
  readonly value: unknown;
  readonly rollout: string | null;
  readonly epoch: number | null;
}

/** Everything the sandbox knows. Times are epoch milliseconds of the wall clock. */
export interface World {
  readonly startedAt: number;
  /** Draws of the generated load; real requests have their own, so that a probe does not change the load. */
  readonly loadRng: Rng;
  readonly probeRng: Rng;
  readonly flags: Map<string, Flag>;
  readonly deploys: Record<Arm, Deployment>;
  readonly writes: WriteRecord[];
  readonly logLines: string[];
  canaryWeight: number;
  knobs: Knobs;
  traffic: Traffic;
  /** What the metrics endpoints show while `staleMetrics` is on. */
  frozen: Traffic | null;
  /** Called with each batch of log lines; the file is somebody else's business. */
  onLog: (lines: readonly string[]) => void;
}

/** The flag that the service itself reads: its percentage of users is served by the canary. */
export const serviceFlag = "new-checkout";

/** A healthy world at `startedAt`: all traffic on stable, `new-checkout` off, both versions on the same image. */
export function createWorld(options: { seed: number; startedAt: number }): World {
  return {
    startedAt: options.startedAt,
    loadRng: createRng(options.seed),
    probeRng: createRng(options.seed ^ 0x5bd1e995),
    flags: new Map([[serviceFlag, { enabled: false, percentage: 0 }]]),
    deploys: {
      stable: { image: "shop:1.0.0", replicas: 3 },
      canary: { image: "shop:1.0.0", replicas: 1 },
    },
    writes: [],
    logLines: [],
    canaryWeight: 0,
    knobs: defaultKnobs(),
    traffic: createTraffic(options.startedAt),
    frozen: null,
    onLog: () => {},
  };
}
