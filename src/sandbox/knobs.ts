export type Arm = "stable" | "canary";

/** `true` never answers and changes nothing; `"applied"` takes the write, then never answers. */
export type Hang = boolean | "applied";

/** How one version behaves: the chance of a 500 (0 to 1), and the median latency in milliseconds. */
export interface ArmKnobs {
  readonly errorRate: number;
  readonly latencyMs: number;
}

/** A disturbance that ends by itself at `until` (epoch milliseconds). */
export interface Spike {
  readonly arm: Arm;
  readonly errorRate: number | null;
  readonly latencyMs: number | null;
  readonly until: number;
}

/** What can be broken. A status of `null` means: answer normally. */
export interface Knobs {
  readonly stable: ArmKnobs;
  readonly canary: ArmKnobs;
  /** Generated requests per second. */
  readonly load: number;
  readonly spike: Spike | null;
  readonly deadTarget: boolean;
  readonly hangMetrics: boolean;
  readonly metricsStatus: number | null;
  readonly lieMetrics: false | "error" | "garbage" | "empty" | "nan";
  readonly staleMetrics: boolean;
  readonly hangRouter: Hang;
  readonly routerStatus: number | null;
  readonly hangFlags: Hang;
  readonly flagsStatus: number | null;
  readonly hangDeploy: Hang;
  readonly deployStatus: number | null;
  readonly slowWritesMs: number;
  readonly ignoreWrites: boolean;
}

/** The healthy world: no errors at all, so that a healthy run never fails by chance. */
export function defaultKnobs(): Knobs {
  return {
    stable: { errorRate: 0, latencyMs: 80 },
    canary: { errorRate: 0, latencyMs: 85 },
    load: 50,
    spike: null,
    deadTarget: false,
    hangMetrics: false,
    metricsStatus: null,
    lieMetrics: false,
    staleMetrics: false,
    hangRouter: false,
    routerStatus: null,
    hangFlags: false,
    flagsStatus: null,
    hangDeploy: false,
    deployStatus: null,
    slowWritesMs: 0,
    ignoreWrites: false,
  };
}
