import type { ReactionEvent } from "../../core/reaction.ts";
import type { Millis } from "../../core/units.ts";
import type { Clock } from "../ports.ts";

export interface Timer {
  /** Says so when the process leaves first; null for one that nobody misses. */
  readonly missed: ((left: Millis) => void) | null;
  /** The event that makes it pointless. */
  readonly until: ReactionEvent | null;
  readonly call: () => void;
}

/** Timers that can be ended together. */
export interface Timers {
  set(ms: Millis, timer: Timer): void;
  /** Drops those that wait for no more than this event. */
  happened(event: ReactionEvent): void;
  /** Drops all; those that are missed are told of. */
  close(): void;
  /** Drops all, and says nothing. */
  drop(): void;
}

export function openTimers(clock: Clock): Timers {
  const running = new Map<Timer, { readonly cancel: () => void; readonly due: Millis }>();
  return {
    set(ms, timer) {
      const cancel = clock.after(ms, () => {
        running.delete(timer);
        timer.call();
      });
      running.set(timer, { cancel, due: clock.mono() + ms });
    },
    happened(event) {
      for (const [timer, { cancel }] of running) {
        if (timer.until !== event) continue;
        cancel();
        running.delete(timer);
      }
    },
    close() {
      for (const [timer, { cancel, due }] of running) {
        cancel();
        timer.missed?.(Math.max(0, due - clock.mono()));
      }
      running.clear();
    },
    drop() {
      for (const { cancel } of running.values()) cancel();
      running.clear();
    },
  };
}
