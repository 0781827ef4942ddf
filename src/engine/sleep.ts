import type { Millis } from "../core/units.ts";
import type { Clock } from "./ports.ts";

/** Waits on a clock. */
export function sleep(clock: Clock, ms: Millis): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
