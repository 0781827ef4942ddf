import type { Vote } from "./authority.ts";
import type { Claim } from "./claim.ts";
import type { LastCounted } from "./counted-pair.ts";
import type { Effect, EffectId } from "./effect.ts";
import type { End } from "./ending.ts";
import type { UndoResult } from "./event.ts";
import type { SplitTest } from "./judge/split-test.ts";
import type { Trigger } from "./plan.ts";
import type { Outcome, Sample } from "./sample.ts";
import type { MonoTime, Millis, Percent, WallTime } from "./units.ts";

/** Why the rollout goes back. The first cause is kept. */
export interface Cause {
  readonly kind: "abort" | "trigger" | "gate" | "check" | "action" | "blind" | "lost";
  readonly text: string;
  readonly by: string;
  /** Who aborted knew that the policy does not name them, and did it all the same. */
  readonly breakGlass?: true;
}

/** Why nothing moves forward. A hold with `clears: "self"` ends when its reason does; the others wait for a person. */
export interface Hold {
  readonly id: string;
  readonly kind:
    | "person"
    | "trigger"
    | "blind"
    | "inconclusive"
    | "waiting"
    | "differs"
    | "unknown"
    | "evidence";
  readonly why: string;
  readonly clears: "self" | "person";
  readonly since: MonoTime;
}

/** What the machine does now. Each phase carries what is legal in it and nothing else. */
export type Phase =
  | { readonly kind: "idle" }
  | { readonly kind: "preparing" }
  /** `next` is the action to apply; `checked`: everything set was read back right before it. */
  | { readonly kind: "applying"; readonly next: number; readonly checked: boolean }
  | { readonly kind: "checking"; readonly next: number }
  | { readonly kind: "observing"; readonly soak: Soak }
  /** Every gate was green for the whole soak: final checks, read-back and evidence. */
  | { readonly kind: "closing"; readonly soak: Soak; readonly step: ClosingStep }
  | { readonly kind: "finishing"; readonly next: number; readonly checked: boolean }
  | { readonly kind: "stopping"; readonly waitsFor: EffectId | null }
  | {
      readonly kind: "rolling-back";
      readonly step: UndoStep;
      /** Everything else was tried beside traffic that does not go back, and is done. */
      readonly restTried?: true;
    }
  | {
      readonly kind: "verifying";
      readonly soak: Soak;
      readonly checksLeft: readonly string[];
      readonly failed: string | null;
    }
  | { readonly kind: "ending"; readonly end: End }
  | { readonly kind: "ended"; readonly end: End };

export type ClosingStep = "checks" | "read-back" | "evidence";
export type UndoStep =
  | "step-down"
  | "returning-side"
  | "traffic"
  | "rest"
  | "secure"
  | "again"
  | "search"
  | "actions"
  | "wait";

/** Observed time of a stage or a verification. All in milliseconds of this process's monotonic clock. */
export interface Soak {
  /** When the clock started; a gate's samples count from here + its window. */
  readonly clock: MonoTime;
  readonly clockAt: WallTime;
  /** Start of `within`. */
  readonly began: MonoTime;
  /** Time waited for a person, which `within` does not count. */
  readonly waited: Millis;
  readonly green: Millis;
  readonly red: Millis;
  readonly lastTick: MonoTime;
  readonly lastTickAt: WallTime;
  readonly worst: Outcome | "warming" | "waiting";
  /** What kept the stage from soaking last: the worst of the last tick that did not count as green. */
  readonly broken: Outcome | "warming" | "waiting" | null;
  readonly passed: Readonly<Record<string, Outcome | "warming" | "waiting">>;
}

export interface Split extends LastCounted {
  readonly test: SplitTest;
}

export interface Measured {
  readonly sample: Sample;
  /** When the answer came. */
  readonly at: MonoTime;
  /** When it was asked, which is no earlier than a whole number of intervals after the question before. */
  readonly asked?: MonoTime;
  /** When its source observed it, where that says so; never later than `at`. */
  readonly observed?: MonoTime;
}

/** The time of a look, by which spans and windows are measured: answers come a little sooner or later each time. */
export function askedAt({ asked, at }: Measured): MonoTime {
  return asked ?? at;
}

export interface CheckRecord {
  readonly result: "pass" | "fail" | "error";
  readonly at: MonoTime;
  readonly failures: number;
  readonly detail: string;
}

export interface State {
  readonly epoch: number;
  readonly rollout: string;
  readonly phase: Phase;
  /** The stage in force, by index; -1 before the first. */
  readonly stage: number;
  /** The share in force by intent: the highest that may be live. */
  readonly share: Percent | null;
  readonly stageStarted: MonoTime;
  readonly rolloutStarted: MonoTime;
  /** When the first soak began: before it, nothing may have reached the canary yet. Null until then. */
  readonly servedSince: MonoTime | null;
  readonly hold: Hold | null;
  readonly cause: Cause | null;
  readonly halt: boolean;
  /** Actions with an intent, in the order of their last intent. */
  readonly intended: readonly string[];
  /** Those of them whose outcome nobody knows. */
  readonly unknown: readonly string[];
  readonly irreversible: boolean;
  /** A person said to go back all the same. */
  readonly pastIrreversible: boolean;
  readonly undone: Readonly<Record<string, UndoResult>>;
  readonly secured: boolean | null;
  /** What no intent names was read on this way back. */
  readonly searched: boolean;
  /** What could not be read then: that it was never set is the journal's word alone. */
  readonly unread: readonly UndoResult[];
  readonly rollbackActionsDone: number;
  readonly failures: readonly string[];
  readonly confirmations: Readonly<Record<string, { readonly yes: boolean; readonly by: string }>>;
  /** What was said about things that may need several people, by what it is about. */
  readonly votes: Readonly<Record<string, readonly Vote[]>>;
  /** Gates, by id, that people let their stage pass without. */
  readonly overridden: readonly string[];
  readonly checks: Readonly<Record<string, CheckRecord>>;
  readonly samples: Readonly<Record<string, Measured>>;
  readonly baseline: Readonly<Record<string, number>>;
  /** The evidence of conditions that compare with stable at a confidence, by owner and place. */
  readonly claims: Readonly<Record<string, Claim>>;
  /** What triggers do whose evidence together was once beyond chance. */
  readonly proven: readonly Trigger["does"][];
  /** Whether the traffic is split as it was meant to be, by the metric that counts it. */
  readonly splits: Readonly<Record<string, Split>>;
  /** Since when a condition's text held, by owner and place. */
  readonly since: Readonly<Record<string, MonoTime>>;
  /** Triggers that fire now, so that a warning is said once. */
  readonly firing: Readonly<Record<string, true>>;
  readonly blindSince: MonoTime | null;
  readonly blindPaged: boolean;
  readonly tick: readonly EffectId[];
  readonly pending: Readonly<Record<EffectId, Effect>>;
  readonly counter: number;
  /** The playbook whose actions a person has run now, and which of them is next; null when none is. */
  readonly playbook: { readonly name: string; readonly next: number } | null;
  /** A gradual way back is cut short: an abort or a rollback trigger wants it at once. */
  readonly instant: boolean;
}

/** The state before the first line of the journal. */
export const idle: State = {
  epoch: 0,
  rollout: "",
  phase: { kind: "idle" },
  stage: -1,
  share: null,
  stageStarted: 0,
  rolloutStarted: 0,
  servedSince: null,
  hold: null,
  cause: null,
  halt: false,
  intended: [],
  unknown: [],
  irreversible: false,
  pastIrreversible: false,
  undone: {},
  secured: null,
  searched: false,
  unread: [],
  rollbackActionsDone: 0,
  failures: [],
  confirmations: {},
  votes: {},
  overridden: [],
  checks: {},
  samples: {},
  baseline: {},
  claims: {},
  proven: [],
  splits: {},
  since: {},
  firing: {},
  blindSince: null,
  blindPaged: false,
  tick: [],
  pending: {},
  counter: 0,
  playbook: null,
  instant: false,
};
