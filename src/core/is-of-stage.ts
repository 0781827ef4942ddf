import { askedAt, type Measured } from "./state.ts";
import type { Millis, MonoTime } from "./units.ts";

/**
 * Whether a value tells of a stage whose clock began at `clock`, as far as its source says when it observed it: within the
 * stage and the `window` that was asked about, or, of a source that lags by more, after a whole window of the stage. One
 * that stands still since the shift is asked within the stage too, and tells of the time before it.
 */
export function isOfStage(measured: Measured, clock: MonoTime, window: Millis): boolean {
  const { observed } = measured;
  if (observed === undefined || observed >= clock + window) return true;
  return window > 0 && observed >= Math.max(clock, askedAt(measured) - window);
}
