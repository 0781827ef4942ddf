import type { Millis } from "../core/units.ts";
import type { Run } from "./run.ts";

/** The shortest window that is asked for. */
const LEAST: Millis = 1000;

/**
 * How long ago the checks of the stage passed; null where it has none, or while they are made. What they break on purpose
 * must not fire a trigger afterwards, so that a window which the source computes itself does not reach back before it.
 */
export function sinceChecks({ plan, state, engine }: Run): Millis | null {
  const { phase } = state;
  if (phase.kind !== "observing" && phase.kind !== "closing") return null;
  if ((plan.stages[state.stage]?.checks ?? []).length === 0) return null;
  return Math.max(LEAST, engine.clock.mono() - phase.soak.began);
}
