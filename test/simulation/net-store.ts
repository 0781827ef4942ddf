import type { Clock } from "../../src/engine/ports.ts";
import type { Store } from "../../src/store/store.ts";
import type { SimProcess } from "./host.ts";
import type { Random } from "./random.ts";

/** Who cannot reach the store, and what it does not take. */
export interface StoreFaults {
  /** Hosts that are cut off. */
  readonly cut: Set<string>;
  /** Nobody reaches it. */
  down: boolean;
  /** It takes no more lines, as a full disk does; claims still find room. */
  full: boolean;
  /** Probability that a request is done and its answer lost. */
  mute: number;
}

/** One process's view of a shared store: it takes time, fails, and waits while the process is frozen. */
export function netStore(
  shared: Store,
  process: SimProcess,
  faults: StoreFaults,
  clock: Clock,
  random: Random,
): Store {
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.after(ms, resolve));
  async function ask<T>(act: () => Promise<T>, writes: boolean): Promise<T> {
    await process.gate();
    await pause(random.int(1, 15));
    if (faults.down || faults.cut.has(process.owner.host)) {
      await pause(random.int(50, 1500));
      await process.gate();
      throw new Error("the store does not answer");
    }
    if (!process.alive()) return new Promise(() => undefined);
    const result = await act();
    const mute = writes && random.chance(faults.mute);
    await pause(random.int(1, 15));
    await process.gate();
    if (mute) throw new Error("the connection to the store broke");
    return result;
  }
  const full = (): Promise<never> => Promise.reject(new Error("no space left on the store"));
  return {
    where: shared.where,
    claim: (...args) => ask(() => shared.claim(...args), true),
    append: (...args) => ask(() => (faults.full ? full() : shared.append(...args)), true),
    read: (...args) => ask(() => shared.read(...args), false),
    lastEpoch: (...args) => ask(() => shared.lastEpoch(...args), false),
    list: () => ask(() => shared.list(), false),
    post: (...args) => ask(() => shared.post(...args), true),
    inbox: (...args) => ask(() => shared.inbox(...args), false),
    beat: (...args) => ask(() => (faults.full ? full() : shared.beat(...args)), false),
    readBeat: (...args) => ask(() => shared.readBeat(...args), false),
    lock: (...args) => ask(() => shared.lock(...args), true),
  };
}
