import type { Millis, WallTime } from "../core/units.ts";
import type { ExecPort } from "../drivers/exec.ts";
import type { HttpPort } from "../drivers/http.ts";
import type { Engine, PlanSource } from "../engine/ports.ts";
import { systemProcesses } from "../engine/system-processes.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import type { Store } from "../store/store.ts";
import { calibrate, type Calibration } from "./calibrate.ts";
import { pastCatalog } from "./past-catalog.ts";
import { pastPlan, type Arms } from "./past-plan.ts";
import { playRollout, type PastRollout } from "./play-rollout.ts";
import type { Incident } from "./summarize.ts";

export interface BacktestOptions {
  readonly from: WallTime;
  readonly to: WallTime;
  /** A rollout starts this often; null: each begins when the one before is over. */
  readonly every: Millis | null;
  readonly arms: Arms;
  /** When something was wrong: what is calibrated leaves it out. */
  readonly incidents: readonly Incident[];
  readonly catalog: DriverCatalog;
  readonly http: HttpPort;
  readonly secret: Engine["secret"];
  /** An empty one, in memory; asked for once for each rollout. */
  readonly store: () => Store;
  /** Asks also what the past says about margins and design effects. */
  readonly calibrates: boolean;
  /** Told of each rollout when it is over. */
  readonly onRollout: (rollout: PastRollout) => void;
}

export interface Backtest {
  readonly rollouts: readonly PastRollout[];
  /** Metrics that could not be asked of the past and were taken to be healthy. */
  readonly assumed: readonly string[];
  /** Empty where it was not asked for. */
  readonly calibrations: readonly Calibration[];
}

const NAME = "backtest";

/**
 * Runs a plan again and again over the past of its metrics: the same runner, machine and drivers as a real start, in
 * virtual time. Changes and checks are made in memory and go well, confirmations are given; only metrics decide.
 */
export async function backtest(source: PlanSource, options: BacktestOptions): Promise<Backtest> {
  const { from, to, every } = options;
  const { plan, assumed } = pastPlan(source.plan, options.catalog, options.arms);
  const past = pastCatalog(options.catalog, source.plan, to);
  const soaks = plan.stages.reduce((sum, { soak }) => sum + soak, 0);
  const rollouts: PastRollout[] = [];
  for (let start = from; start < to;) {
    const rollout = await playRollout(
      { ...source, plan },
      {
        start,
        until: to,
        engine: engineOf(past.catalog(), options),
        isAsking: past.isAsking,
        answered: past.answered,
      },
    );
    rollouts.push(rollout);
    options.onRollout(rollout);
    start = every === null ? nextStart(rollout, Math.max(60_000, soaks)) : start + every;
  }
  const engine = engineOf(past.catalog(), options);
  const calibrations = options.calibrates
    ? await calibrate({ ...source, plan }, { from, to, engine, incidents: options.incidents })
    : [];
  return { rollouts, assumed, calibrations };
}

/** One that was refused, or ended at once, is tried again after the time that a rollout takes. */
function nextStart({ from, to, end }: PastRollout, usual: Millis): WallTime {
  return end.kind === "refused" || to <= from ? from + usual : to;
}

function engineOf(
  catalog: DriverCatalog,
  { http, secret, store }: BacktestOptions,
): Omit<Engine, "clock" | "observe"> {
  const own = store();
  return {
    store: own,
    elsewhere: () => ({ store: own, evidence: NAME }),
    evidence: NAME,
    writeEvidence: () => Promise.resolve(),
    readEvidence: () => Promise.resolve(null),
    processes: systemProcesses,
    sealHead: () => Promise.resolve(),
    sealRollout: () => Promise.resolve(),
    catalog,
    exec: noExec,
    http: () => http,
    secret,
    by: NAME,
  };
}

/** A backtest asks; one that runs a program is a bug. */
function noExec(): ExecPort {
  return () => Promise.reject(new Error("a backtest runs no program"));
}
