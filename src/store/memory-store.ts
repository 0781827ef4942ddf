import type { EpochLines, Store } from "./store.ts";

/** A store in this process's memory: for rehearsals, where nothing is to be left behind. */
export function createMemoryStore(): Store {
  const rollouts = new Map<string, Map<number, string[]>>();
  const words = new Map<string, string[]>();
  const beats = new Map<string, number>();
  const locks = new Map<string, string[]>();
  const epochsOf = (rollout: string): Map<number, string[]> => rollouts.get(rollout) ?? new Map();
  return {
    where: "memory",
    claim(rollout, epoch, firstLine) {
      const epochs = epochsOf(rollout);
      if (epochs.has(epoch)) return Promise.resolve("taken");
      epochs.set(epoch, [firstLine]);
      rollouts.set(rollout, epochs);
      return Promise.resolve("claimed");
    },
    append(rollout, epoch, lines) {
      const journal = epochsOf(rollout).get(epoch);
      if (journal === undefined)
        return Promise.reject(new Error(`epoch ${epoch} of ${rollout} was never claimed`));
      journal.push(...lines);
      return Promise.resolve();
    },
    read(rollout) {
      const epochs = [...epochsOf(rollout)].toSorted(([a], [b]) => a - b);
      return Promise.resolve(
        epochs.map(([epoch, lines]): EpochLines => ({ epoch, lines: [...lines], torn: null })),
      );
    },
    lastEpoch: (rollout) => Promise.resolve(Math.max(0, ...epochsOf(rollout).keys())),
    list: () => Promise.resolve([...rollouts.keys()].toSorted().toReversed()),
    post(rollout, word) {
      words.set(rollout, [...(words.get(rollout) ?? []), word]);
      return Promise.resolve();
    },
    inbox: (rollout, from) => Promise.resolve((words.get(rollout) ?? []).slice(from)),
    beat(rollout, epoch, counter) {
      beats.set(`${rollout} ${epoch}`, counter);
      return Promise.resolve();
    },
    readBeat: (rollout, epoch) => Promise.resolve(beats.get(`${rollout} ${epoch}`) ?? 0),
    lock: lockIn(locks),
  };
}

function lockIn(locks: Map<string, string[]>): Store["lock"] {
  return (target, rollout, after) => {
    const holders = locks.get(target) ?? [];
    locks.set(target, holders);
    const holder = holders[after];
    if (holder !== undefined)
      return Promise.resolve({ kind: "taken", holder, n: after + 1, where: "memory" });
    holders.push(rollout);
    return Promise.resolve({ kind: "held" });
  };
}
