import type { Plan } from "./plan.ts";
import type { State } from "./state.ts";
import type { MonoTime } from "./units.ts";

/** Whether a condition's text holds, or why that cannot be said. */
export type Truth =
  | "holds"
  | "not"
  | "inconclusive"
  | "warming"
  | "waiting"
  | "noData"
  | "stale"
  | "error";

export interface Judged {
  readonly truth: Truth;
  /** The figures behind it, for people: `p95 = 0.212 s`. */
  readonly detail: string;
  /** Since when the parts with `for` have held, by place; replaces what was known. */
  readonly since: Readonly<Record<string, MonoTime>>;
  /** The latest look that the truth rests on, which is where the time of `for` ends; null for this moment. */
  readonly seen: MonoTime | null;
}

export interface JudgeContext {
  readonly plan: Plan;
  readonly state: State;
  readonly now: MonoTime;
  /** Whose condition it is: keys the memory of `for`. */
  readonly owner: string;
  /** A gate's samples count from here + the metric's window; null for triggers, which are judged from the first tick. */
  readonly clock: MonoTime | null;
}

/** A truth that rests on no look of its own. */
export function said(truth: Truth, detail: string): Judged {
  return { truth, detail, since: {}, seen: null };
}
