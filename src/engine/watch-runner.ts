import type { Owner } from "../core/event.ts";
import type { Engine } from "./ports.ts";

/** A runner is lost after this many successful reads of an unchanged counter, spread over the lease, in milliseconds. */
const READS = 5;
const LEASE = 10_000;

/** Where and by which clock a runner is looked for. */
export type RunnerView = Pick<Engine, "store" | "clock" | "processes">;

export interface RunnerWatch {
  /** Reads the heartbeat once. `beats` when it moved, `lost` when it stood still for a lease, else `unsure`. */
  look(epoch: number, owner: Owner | null): Promise<"beats" | "lost" | "unsure">;
}

/**
 * Tells whether the owner of an epoch is gone: certain on its own host, else by a counter that stands still. Time is this
 * process's own monotonic clock; a failed read starts the count again.
 */
export function watchRunner({ store, clock, processes }: RunnerView, rollout: string): RunnerWatch {
  let counter: number | null = null;
  let of = 0;
  let reads = 0;
  let since = 0;
  function restart(epoch: number, value: number | null): void {
    counter = value;
    of = epoch;
    reads = value === null ? 0 : 1;
    since = clock.mono();
  }
  return {
    async look(epoch, owner) {
      if (owner !== null && processes.isHere(owner) && !processes.isAlive(owner)) return "lost";
      let now: number;
      try {
        now = await store.readBeat(rollout, epoch);
      } catch {
        restart(epoch, null);
        return "unsure";
      }
      if (of !== epoch || counter === null) {
        restart(epoch, now);
        return "unsure";
      }
      if (now !== counter) {
        restart(epoch, now);
        return "beats";
      }
      reads += 1;
      return reads >= READS && clock.mono() - since >= LEASE ? "lost" : "unsure";
    },
  };
}
