import type { Clock } from "../../src/engine/ports.ts";
import type { Store } from "../../src/store/store.ts";
import type { SimProcess } from "./host.ts";
import type { Ledger } from "./ledger.ts";
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
  /** Probability that a request takes seconds. */
  slow: number;
  /** Probability that a request arrives twice, as from a proxy that tries again. */
  twice: number;
}

/** One process's view of a shared store: it takes time, fails, and waits while the process is frozen. */
export function netStore(
  shared: Store,
  process: SimProcess,
  faults: StoreFaults,
  clock: Clock,
  random: Random,
  ledger: Ledger,
): Store {
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.after(ms, resolve));
  async function ask<T>(act: () => Promise<T>, writes: boolean): Promise<T> {
    await process.gate();
    await pause(random.chance(faults.slow) ? random.int(200, 3000) : random.int(1, 15));
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
  /** The same line again is the same claim; a claim or an append of what is there already changes nothing. */
  const stored = (lines: readonly string[]): void => {
    for (const line of lines) if (!ledger.stored.has(line)) ledger.stored.set(line, clock.mono());
  };
  /** What is not told by its name or its number arrives twice in truth. */
  const again = <T>(act: () => Promise<T>): Promise<T> =>
    random.chance(faults.twice) ? act().then(act) : act();
  const full = (): Promise<never> => Promise.reject(new Error("no space left on the store"));
  return {
    where: shared.where,
    claim: (rollout, epoch, line) =>
      ask(async () => {
        const answer = await shared.claim(rollout, epoch, line);
        if (answer === "claimed") stored([line]);
        return answer;
      }, true),
    append: (rollout, epoch, lines) =>
      ask(() => {
        if (faults.full) return full();
        // What came before and was not answered is not there twice: lines are numbered.
        const fresh = lines.filter((line) => !ledger.stored.has(line));
        stored(fresh);
        return shared.append(rollout, epoch, fresh);
      }, true),
    read: (...args) => ask(() => shared.read(...args), false),
    lastEpoch: (...args) =>
      ask(async () => {
        const last = await shared.lastEpoch(...args);
        const { pid } = process.owner;
        const known = ledger.checks.get(pid);
        const check = { at: clock.mono(), last };
        if (known === undefined) ledger.checks.set(pid, [check]);
        else known.push(check);
        return last;
      }, false),
    list: () => ask(() => shared.list(), false),
    post: (...args) => ask(() => again(() => shared.post(...args)), true),
    inbox: (...args) => ask(() => shared.inbox(...args), false),
    beat: (...args) => ask(() => (faults.full ? full() : shared.beat(...args)), false),
    readBeat: (...args) => ask(() => shared.readBeat(...args), false),
    lock: (...args) => ask(() => again(() => shared.lock(...args)), true),
  };
}
