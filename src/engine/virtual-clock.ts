import type { Millis, WallTime } from "../core/units.ts";
import type { Clock } from "./ports.ts";

interface Timer {
  readonly due: Millis;
  readonly order: number;
  readonly call: () => void;
}

/** A clock that stands still until told to go to its next timer. */
export interface VirtualClock extends Clock {
  /** Moves to the earliest timer and fires that one alone; false when there is none. */
  fireNext(): boolean;
}

/** Builds a virtual clock. Timers fire one by one in order of time, and then of creation. */
export function createVirtualClock(start: WallTime): VirtualClock {
  let elapsed = 0;
  let order = 0;
  const timers = new Set<Timer>();
  return {
    now: () => start + elapsed,
    mono: () => elapsed,
    after(ms, call) {
      order += 1;
      const timer: Timer = { due: elapsed + Math.max(0, ms), order, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    fireNext() {
      let next: Timer | null = null;
      for (const timer of timers) {
        if (
          next === null ||
          timer.due < next.due ||
          (timer.due === next.due && timer.order < next.order)
        )
          next = timer;
      }
      if (next === null) return false;
      timers.delete(next);
      elapsed = Math.max(elapsed, next.due);
      next.call();
      return true;
    },
  };
}
