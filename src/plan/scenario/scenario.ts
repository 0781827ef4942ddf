import type { Word } from "../../core/event.ts";
import type { Millis } from "../../core/units.ts";

/** When something of a scenario happens: since the start of the rollout, or of a stage. */
export interface Moment {
  /** The stage that it counts from; null counts from the start. */
  readonly stage: string | null;
  readonly after: Millis;
}

export interface MetricMoment extends Moment {
  readonly gives:
    | { readonly kind: "value"; readonly value: number | boolean; readonly samples: number | null }
    | { readonly kind: "noData" | "stale" | "error" };
}

export interface CheckMoment extends Moment {
  readonly result: "pass" | "fail" | "error";
}

export interface WriteMoment extends Moment {
  /** Part of a field's label; the writes to all that match fail from then on. */
  readonly field: string;
  readonly kind: "failed" | "unknown" | "works";
}

export interface WordMoment extends Moment {
  readonly word: Word | { readonly kind: "abort"; readonly reason: string };
}

/**
 * What a rehearsal plays: whatever it does not name is healthy, and a confirmation that it does not name is given.
 * Of several moments of one metric or check, the latest that has begun is in force.
 */
export interface Scenario {
  readonly metrics: Readonly<Record<string, readonly MetricMoment[]>>;
  readonly checks: Readonly<Record<string, readonly CheckMoment[]>>;
  readonly writes: readonly WriteMoment[];
  readonly words: readonly WordMoment[];
}

/** Everything is healthy, and everything that waits for a word is confirmed. */
export const healthyScenario: Scenario = { metrics: {}, checks: {}, writes: [], words: [] };
