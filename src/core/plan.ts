import type { Condition } from "./condition.ts";
import type { Governance } from "./governance.ts";
import type { Reaction } from "./reaction.ts";
import type { Json, Millis, Percent } from "./units.ts";

/**
 * The normalized plan: defaults filled in, `if` resolved, `everyStage` merged, parameters substituted, conditions parsed.
 * Secrets are still references (`${env:X}`, `${file:/x}`), so that the plan can be stored and digested.
 * `${outputs.x}`, `${stage.x}`, `${rollout.x}`, `${window}`, `${traffic}` remain as text and are resolved at use.
 */
export interface Plan {
  readonly apiVersion: "canary/v1";
  readonly kind: "Plan";
  readonly name: string;
  readonly about: About;
  readonly params: Readonly<Record<string, Json>>;
  readonly connections: Readonly<Record<string, Connection>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly checks: Readonly<Record<string, Check>>;
  /** Checks run before anything is changed, by name. */
  readonly preflight: readonly string[];
  readonly stages: readonly Stage[];
  /** Applied after the last stage passed and before `promoted`; the triggers still watch and undo still works. */
  readonly finish: readonly Action[];
  readonly triggers: readonly Trigger[];
  readonly rollback: Rollback;
  /** What is told to whom, and what is run, when something happens. Absent where the plan has no `on`. */
  readonly reactions?: readonly Reaction[];
  /** What is offered when something is wrong, and run by a person alone. Absent where the plan has none. */
  readonly playbooks?: Readonly<Record<string, Playbook>>;
  /** The playbook whose run this is, where it is one and no rollout of a new version. */
  readonly runs?: string;
  /** What the policy says about a rollout of this plan. Absent where there is no policy. */
  readonly governance?: Governance;
  /** The address of the store for its rollouts, where the plan says one; with secrets as references. */
  readonly store?: string;
  readonly onRunnerLost: "rollback" | "hold";
  /** How long a gate or trigger may be blind (noData, stale, error) before the rollout rolls back or pages. */
  readonly maxBlind: Millis;
  /** How often triggers are measured when no stage says otherwise. */
  readonly interval: Millis;
}

export interface About {
  readonly owner: string | null;
  readonly tier: string | null;
  readonly links: Readonly<Record<string, string>>;
}

/** A named address with its credentials; `config` was validated by the driver of `type`. */
export interface Connection {
  readonly name: string;
  readonly type: string;
  readonly config: Readonly<Record<string, Json>>;
}

/** The base unit that a metric's values are in; conditions are converted to it when the plan is loaded. */
export type Unit =
  | "s"
  | "ratio"
  | "count"
  | "/s"
  | "/min"
  | "ratio/min"
  | "bytes"
  | "bool"
  | "none";

/** A named query to a source; `query` was validated by the metric driver `driver`. */
export interface Metric {
  readonly name: string;
  /** The metric driver, which is the type of its connection. */
  readonly driver: string;
  readonly connection: string;
  readonly unit: Unit;
  readonly query: Readonly<Record<string, Json>>;
  /** Fewer samples than this are inconclusive; 0 means no minimum. */
  readonly minSamples: number;
  /** Comparisons with stable are settled by evidence, wrong at most this often: 0.95 is once in twenty. */
  readonly confidence?: number;
  /** What the evidence is of: without it the counts behind a ratio; `means` where one value of each arm a window is all there is. */
  readonly compares?: "means";
  /** The most that one of its values counts for in such a comparison, whose confidence is exact then; approximate without it. */
  readonly max?: number;
  /** Variance over mean of its counts, where events come in bursts; 1 without it. */
  readonly designEffect?: number;
  /** By how many times the canary's part of the counted requests may be off that of the stage; absent where it is not watched. */
  readonly splitTolerance?: number;
  /** How far back one answer looks; 0 for an instant value. Gates count from stage clock + window. */
  readonly window: Millis;
  /** A stated baseline in the metric's base unit, instead of the captured one. */
  readonly baseline: number | null;
  /** An answer older than this is stale. */
  readonly maxAge: Millis;
  readonly timeout: Millis;
}

/**
 * An active test. `input` was validated by the check driver `driver` (`http`, `run`, `kubectl`, `log`); `confirm` is a
 * person's, and `steps` is made of the steps below.
 */
export interface Check {
  readonly name: string;
  readonly driver: string;
  readonly connection: string | null;
  readonly input: Readonly<Record<string, Json>>;
  readonly interval: Millis | null;
  readonly initialDelay: Millis;
  readonly timeout: Millis;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly retries: number;
  /** The evidence file name of its answer, or null. */
  readonly as: string | null;
  /** What a check of the driver `steps` does, in order; absent for other checks. */
  readonly steps?: readonly CheckStep[];
  /** Processes that are started before it, in order, and stopped after it. Absent where it has none. */
  readonly services?: readonly Service[];
  /** What is taken from its answer when it passes. Absent where nothing is. */
  readonly outputs?: Readonly<Record<string, Output>>;
}

/** One step of a check: a test of its own, or a wait. */
export type CheckStep =
  | { readonly kind: "wait"; readonly title: string; readonly ms: Millis }
  | {
      readonly kind: "test";
      /** What people read; null where the driver's own words do. */
      readonly title: string | null;
      /** The check driver. */
      readonly driver: string;
      readonly connection: string | null;
      readonly input: Readonly<Record<string, Json>>;
      readonly timeout: Millis;
      readonly outputs: Readonly<Record<string, Output>>;
    };

/** A process that lives as long as the check that it belongs to. Its texts are resolved when it is started. */
export interface Service {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  /** It is up when this takes connections, or answers with 200 to 299. */
  readonly ready:
    | { readonly kind: "tcp"; readonly address: string }
    | { readonly kind: "http"; readonly url: string };
  /** How long it may take to come up. */
  readonly within: Millis;
}

export interface Stage {
  readonly name: string;
  /** Zero-padded position and name, the folder of its evidence: `01-pilot`. */
  readonly folder: string;
  /** The share in force in this stage; null where the plan shifts no traffic. */
  readonly share: Percent | null;
  /** Actions in order, each until it took effect; the traffic actions come last and have `role: traffic`. */
  readonly actions: readonly Action[];
  /** One-shot checks after the actions, by name. */
  readonly checks: readonly string[];
  readonly soak: Millis;
  /** An unpassed stage ends here, counted from the stage clock. */
  readonly within: Millis;
  readonly interval: Millis;
  /** The sum of red time that does not restart the soak. */
  readonly tolerate: Millis;
  /** What happens when the runner dies in this stage; absent where the plan's own `onRunnerLost` says it. */
  readonly onRunnerLost?: "rollback" | "hold";
  readonly gates: readonly Gate[];
  readonly evidence: readonly Evidence[];
}

export interface Gate {
  readonly id: string;
  readonly condition: Condition;
}

export interface Trigger {
  readonly id: string;
  readonly name: string;
  readonly does: "rollback" | "hold" | "page" | "warn";
  readonly condition: Condition;
  /** The playbook that is offered when it fires; absent where there is none. */
  readonly playbook?: string;
}

/** What a person reads and runs when something is wrong. Its actions are captured and undone like those of stages. */
export interface Playbook {
  readonly name: string;
  /** What is asked to see how things stand; reads only. */
  readonly diagnose: readonly Evidence[];
  readonly causes: readonly string[];
  readonly recover: readonly string[];
  readonly actions: readonly Action[];
  /** Its own parameters: while they are not given, its texts hold references to them. */
  readonly asks: readonly string[];
}

/** A change through a driver. `input` was validated by the action driver `driver`. */
export interface Action {
  /** Unique over the plan and stable: `pilot/1-set-image`. */
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly connection: string | null;
  /** `release` hands fields back to their baseline: those of the traffic, or of the action that `releases` names. */
  readonly role: "change" | "traffic" | "release";
  readonly releases?: string;
  /** The share that a traffic action sets; null for other actions. */
  readonly share: Percent | null;
  readonly input: Readonly<Record<string, Json>>;
  /** Bound of one write, at most 30 s. */
  readonly timeout: Millis;
  /** Bound of the wait until the change took effect. */
  readonly ready: Millis;
  readonly reversible: boolean;
  /** `auto`: the captured fields are written back; `none`: harmless, nothing to undo; or the action that undoes it. */
  readonly undo: "auto" | "none" | Action;
  readonly onUnknown: "hold" | "rerun" | "skip";
  readonly outputs: Readonly<Record<string, Output>>;
}

/** A value taken from an answer for later use as `${outputs.name}`. A secret one lives in memory only. */
export interface Output {
  readonly json: string;
  readonly secret: boolean;
}

export interface Rollback {
  /** Run after the undo, each with its own timeout; a failing one does not stop the next. */
  readonly actions: readonly Action[];
  readonly gradual: { readonly shares: readonly Percent[]; readonly every: Millis } | null;
  readonly verify: Verify;
}

export interface Verify {
  /** Time from restored until the first measurement that counts. */
  readonly wait: Millis;
  readonly within: Millis;
  readonly interval: Millis;
  readonly checks: readonly string[];
  readonly gates: readonly Gate[];
}

/** Something taken into evidence when its stage ends, or repeatedly. */
export interface Evidence {
  readonly id: string;
  /** `metric` and `table` are the runner's own: it measures them. */
  readonly driver:
    | "metrics"
    | "http"
    | "run"
    | "kubectl"
    | "log"
    | "picture"
    | "panel"
    | "metric"
    | "table";
  readonly connection: string | null;
  readonly input: Readonly<Record<string, Json>>;
  /** File name inside the stage's folder; unique over the plan. */
  readonly as: string;
  readonly every: Millis | null;
  readonly required: boolean;
  readonly timeout: Millis;
}
