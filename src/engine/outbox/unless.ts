import type { Condition } from "../../core/condition.ts";
import type { State } from "../../core/state.ts";

/** Whether a reaction is not wanted any more: its `unless` holds. Only confirmations count in it. */
export function isExcused(unless: Condition | null, state: State): boolean {
  if (unless === null) return false;
  switch (unless.kind) {
    case "confirmed":
      return state.confirmations[unless.check]?.yes === true;
    case "any":
      return unless.of.some((each) => isExcused(each, state));
    case "all":
      return unless.of.every((each) => isExcused(each, state));
    case "metric":
    case "check":
      return false;
  }
}
