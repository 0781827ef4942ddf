import type { Effect } from "../../src/core/effect.ts";
import type { State } from "../../src/core/state.ts";
import type { Moment } from "../support/machine.ts";
import { forwardActions, type History } from "./random-history.ts";

/** A rule of the machine, and whether a whole history keeps it: `true`, or where it does not. */
export interface Invariant {
  readonly name: string;
  /** The rule in short; the whole of it stands in the design. */
  readonly rule: string;
  readonly holds: (history: History) => true | string;
}

/** A rule about every single step: `broken` says what is wrong with it, or null. */
export function always(
  name: string,
  rule: string,
  broken: (moment: Moment, history: History, index: number) => string | null | false,
): Invariant {
  const holds = (history: History): true | string => {
    for (const [index, moment] of history.moments.entries()) {
      const why = broken(moment, history, index);
      if (why !== null && why !== false)
        return `step ${index} (${moment.entry.event.kind}): ${why}`;
    }
    return true;
  };
  return { name, rule, holds };
}

/** Phases in which the rollout goes back or is over. */
export function isBack({ phase }: State): boolean {
  return ["stopping", "rolling-back", "verifying", "ending", "ended"].includes(phase.kind);
}

/** Phases in which triggers can act. */
export function isWatched({ phase, cause, halt }: State): boolean {
  const phases = ["applying", "checking", "observing", "closing", "finishing"];
  return cause === null && !halt && phases.includes(phase.kind);
}

/** Effects that take the rollout forward by themselves. What a person has it run is none, and is not held either. */
export function isForward(effect: Effect, { plan }: History): boolean {
  switch (effect.kind) {
    case "preflight":
    case "capture":
    case "read-back":
      return true;
    case "apply":
      return forwardActions(plan).some(({ id }) => id === effect.action);
    case "check":
      return false;
    case "end":
      return effect.end.kind === "promoted";
    default:
      return false;
  }
}

/** Whether an entry was written by the epoch in force, so that it may be acted on. */
export function isOwn({ entry, before }: Moment): boolean {
  return entry.event.kind === "claimed" || entry.epoch === before.epoch;
}

/** Whether an entry answers an effect that was pending. */
export function answers({ entry, before }: Moment): Effect | null {
  const { event } = entry;
  return "effect" in event ? (before.pending[event.effect] ?? null) : null;
}
