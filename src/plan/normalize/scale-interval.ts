import type { Millis } from "../../core/units.ts";

/** A machine that is busy for some seconds is not away: shorter intervals would call it that. */
const SHORTEST = 2000;

/** How often something is measured under `--time-scale`: divided like every duration, as long as a machine can keep up. */
export function scaleInterval(interval: Millis, timeScale: number): Millis {
  return Math.min(interval, Math.max(SHORTEST, interval * timeScale));
}
