import type { Plan } from "../../core/plan.ts";
import type { Sample } from "../../core/sample.ts";
import type { Millis, MonoTime } from "../../core/units.ts";
import type { CheckResult, Failure } from "../../drivers/driver.ts";
import type { Moment, Scenario } from "../../plan/scenario/scenario.ts";
import type { Arm } from "../fill-arm.ts";
import { healthyValue } from "./healthy-value.ts";

/** Enough observations for any minimum. */
const PLENTY = 1_000_000;

export interface RehearsalWorld {
  /** What a scenario says of a metric is said of the canary: stable stays healthy. */
  metric(name: string, arm: Arm, now: number): Sample;
  check(name: string, now: number): CheckResult;
  write(label: string): Failure | null;
}

/** What the rehearsal's clock says: time since the start, and since each stage that began. */
export interface Progress {
  readonly elapsed: () => MonoTime;
  /** When a stage began; undefined for one that has not. */
  readonly stageBegan: (stage: string) => MonoTime | undefined;
}

/** The world that a scenario describes. Whatever it does not name is healthy. */
export function createRehearsalWorld(
  plan: Plan,
  scenario: Scenario,
  progress: Progress,
): RehearsalWorld {
  const healthy = new Map<string, number | boolean>();
  const inForce = <M extends Moment>(moments: readonly M[]): M | undefined =>
    moments.findLast((moment) => hasBegun(progress, moment));
  return {
    metric(name, arm, now) {
      const gives = arm === "stable" ? undefined : inForce(scenario.metrics[name] ?? [])?.gives;
      if (gives?.kind === "value")
        return { ...gives, samples: gives.samples ?? PLENTY, observedAt: now };
      if (gives !== undefined) return blind(gives.kind);
      const value = healthy.get(name) ?? healthyValue(plan, name);
      healthy.set(name, value);
      // Values that never change are no evidence of a mean.
      const isMean = plan.metrics[name]?.compares === "means" && typeof value === "number";
      const shown = isMean ? value * (1 + 0.01 * Math.sin(now)) : value;
      return { kind: "value", value: shown, samples: PLENTY, observedAt: now };
    },
    check(name) {
      const kind = inForce(scenario.checks[name] ?? [])?.result ?? "pass";
      return { kind, detail: `${kind} in this scenario`, body: "" };
    },
    write(label) {
      const moments = scenario.writes.filter(({ field }) => label.includes(field));
      const kind = inForce(moments)?.kind ?? "works";
      return kind === "works" ? null : { kind, why: `the write is ${kind} in this scenario` };
    },
  };
}

/** Whether a moment of a scenario has come. */
export function hasBegun(progress: Progress, moment: Moment): boolean {
  const from = moment.stage === null ? 0 : progress.stageBegan(moment.stage);
  return from !== undefined && progress.elapsed() - from >= moment.after;
}

const STALE_AGE: Millis = 3_600_000;

function blind(kind: "noData" | "stale" | "error"): Sample {
  const why = `${kind} in this scenario`;
  return kind === "stale" ? { kind, why, age: STALE_AGE } : { kind, why };
}
