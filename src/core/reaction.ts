import type { Condition } from "./condition.ts";
import type { Evidence } from "./plan.ts";
import type { Json, Millis } from "./units.ts";

/** What a plan may react to. */
export const reactionEvents = {
  started: "the baseline is captured and the first change comes next",
  "stage-started": "a stage begins",
  "stage-passed": "a stage has passed",
  warned: "a `warn` trigger fires",
  paged: "a `page` trigger fires",
  held: "nothing moves forward until something or somebody says so",
  resumed: "a hold is over",
  "rolling-back": "the way back begins",
  "rolled-back": "the old version is back, and verified",
  "rollback-failed": "the way back did not get there, or nobody knows: a person is needed",
  halted: "stopped past a point of no return: a person is needed",
  promoted: "the new version is in force",
  "in-progress": "again and again, as long as the rollout lasts",
} as const;

export type ReactionEvent = keyof typeof reactionEvents;

/**
 * One line of `on:`, for one sink or command: an observer of the rollout. However it goes, the rollout does not change.
 */
export interface Reaction {
  /** Unique over the plan and stable: `stage-passed/1/slack`. */
  readonly id: string;
  readonly event: ReactionEvent;
  /** A sink connection that is told, a command that is run, a file of evidence that is written, or evidence that is taken. */
  readonly does:
    | { readonly kind: "tell"; readonly to: string }
    | { readonly kind: "run"; readonly argv: readonly string[]; readonly timeout: Millis }
    | { readonly kind: "record"; readonly as: string }
    | { readonly kind: "collect"; readonly items: readonly Evidence[] };
  /** Null: the event's own words. */
  readonly subject: string | null;
  readonly text: string | null;
  /** Confirmations that whoever is told is asked for. */
  readonly asks: readonly string[];
  /** How long after the event their answers are expected; absent where nothing says so. */
  readonly within?: Millis;
  /** Keys that only its sink has. */
  readonly options: Readonly<Record<string, Json>>;
  /** Only for this trigger, by its name. */
  readonly trigger: string | null;
  readonly stage: string | null;
  /** How long after the event. */
  readonly after: Millis;
  /** Again and again from then on. */
  readonly every: Millis | null;
  /** The event that ends `every`; the end of the rollout does so anyway. */
  readonly until: ReactionEvent | null;
  /** Not when this holds at that time: a condition on confirmations only. */
  readonly unless: Condition | null;
}
