import { createMemoryStore } from "../../src/store/memory-store.ts";
import type { EpochLines, Store } from "../../src/store/store.ts";

/** A store that can come back as it once was: whole lines are gone from the end of a journal, and nothing says so. */
export interface LossyStore {
  readonly store: Store;
  /** Every line that was ever taken; also what is lost. */
  readonly written: (rollout: string) => Promise<readonly EpochLines[]>;
  /** The lines that are lost. */
  readonly lost: ReadonlySet<string>;
  /** Takes up to `count` lines off the end of an epoch, never its claim; gives how many. */
  readonly lose: (rollout: string, epoch: number, count: number) => Promise<number>;
}

export function createLossyStore(): LossyStore {
  const store = createMemoryStore();
  const lost = new Set<string>();
  const left = ({ epoch, lines, torn }: EpochLines): EpochLines => ({
    epoch,
    lines: lines.filter((line) => !lost.has(line)),
    torn,
  });
  return {
    store: { ...store, read: async (rollout) => (await store.read(rollout)).map(left) },
    written: (rollout) => store.read(rollout),
    lost,
    async lose(rollout, epoch, count) {
      const journal = (await store.read(rollout)).find((each) => each.epoch === epoch);
      const gone =
        journal === undefined || count === 0 ? [] : left(journal).lines.slice(1).slice(-count);
      for (const line of gone) lost.add(line);
      return gone.length;
    },
  };
}
