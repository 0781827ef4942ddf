import type { Over } from "./condition.ts";
import type { End } from "./ending.ts";
import type { Millis, MonoTime } from "./units.ts";

/** Unique within a rollout: epoch and a counter, so that an answer from a superseded epoch can never be mistaken. */
export type EffectId = string;

/** A question to a metric source. `key` identifies it within a tick: the same question of several conditions is sent once. */
export interface Measurement {
  readonly key: string;
  readonly metric: string;
  readonly over: Over | null;
  /** Asked of the stable arm instead of the canary's. */
  readonly arm?: "stable";
}

/**
 * Which part of the undo runs. `returning-side`: what the rollout changed on the side that traffic goes back to;
 * `traffic`; `rest`; `again`: everything once more, after a late write has become impossible.
 */
export type UndoGroup = "returning-side" | "traffic" | "rest" | "again";

/** What the machine asks the runner to do. Every effect is answered by exactly one event that carries its id. */
export type Effect =
  | { readonly kind: "preflight"; readonly id: EffectId }
  | { readonly kind: "capture"; readonly id: EffectId }
  | { readonly kind: "read-back"; readonly id: EffectId }
  | { readonly kind: "apply"; readonly id: EffectId; readonly action: string }
  | {
      readonly kind: "check";
      readonly id: EffectId;
      readonly check: string;
      readonly mode: CheckMode;
    }
  | {
      readonly kind: "measure";
      readonly id: EffectId;
      readonly measurement: Measurement;
      readonly window: Millis | null;
      readonly asked: MonoTime;
    }
  | { readonly kind: "collect"; readonly id: EffectId; readonly stage: number }
  | {
      readonly kind: "timer";
      readonly id: EffectId;
      readonly purpose: TimerPurpose;
      readonly ms: Millis;
    }
  | {
      readonly kind: "undo";
      readonly id: EffectId;
      readonly group: UndoGroup;
      readonly actions: readonly string[];
      readonly share: number | null;
    }
  | { readonly kind: "secure"; readonly id: EffectId; readonly actions: readonly string[] }
  /** Reads what the journal does not say was set: it may have lost its last lines. */
  | { readonly kind: "search"; readonly id: EffectId }
  | { readonly kind: "end"; readonly id: EffectId; readonly end: End };

/** `probe`: one attempt, the machine counts; `settled`: until a threshold or the retries decide. */
export type CheckMode = "probe" | "settled";

export type TimerPurpose = "tick" | "grace" | "verify-wait" | "step-down";
