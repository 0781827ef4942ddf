import { randomUUID } from "node:crypto";

import { isUnreachable, unreachable } from "../unreachable.ts";
import type { Change, ConfigMap, ConfigMaps } from "./config-maps.ts";
import { headName, labelsOf } from "./names.ts";

/** Changes that somebody else's change may overtake, one after the other. */
const TRIES = 50;
/** Writes without an answer after which it is asked whether they landed, and if not, they are sent again. */
const LOST = 2;
const CLAIM = /^claim\.([1-9]\d{0,8})$/u;
const WORD = /^word\.([1-9]\d{0,8})$/u;

/** What a head says: the first line of each epoch, and the words of the inbox. */
export interface Head {
  /** By epoch, rising. */
  readonly claims: readonly (readonly [epoch: number, line: string])[];
  readonly words: readonly string[];
}

/** The one small ConfigMap per rollout that everybody's claims and words go through, each by the version it was read in. */
export interface RolloutHeads {
  read(rollout: string): Promise<Head>;
  claim(rollout: string, epoch: number, line: string): Promise<"claimed" | "taken">;
  post(rollout: string, word: string): Promise<void>;
}

export function createRolloutHeads(maps: ConfigMaps, where: string): RolloutHeads {
  /** The signatures of claims whose answer never came: tried again, they are still the same claim. */
  const unanswered = new Map<string, string>();
  /** As it was read last: a change goes by its version, so nothing is lost where it is not the last one any more. */
  const seen = new Map<string, ConfigMap>();
  const change = (
    rollout: string,
    next: (data: Readonly<Record<string, string>>) => Readonly<Record<string, string>> | null,
  ): Promise<void> => {
    const known = seen.get(rollout) ?? null;
    seen.delete(rollout);
    return changeHead(maps, where, { rollout, known }, next);
  };
  return {
    async read(rollout) {
      const map = await maps.get(headName(rollout));
      if (map !== null) seen.set(rollout, map);
      return headOf(map);
    },
    async claim(rollout, epoch, line) {
      const key = `claim.${epoch}`;
      const attempt = JSON.stringify([rollout, epoch, line]);
      const nonce = unanswered.get(attempt) ?? randomUUID();
      unanswered.delete(attempt);
      let won = false;
      try {
        await change(rollout, (data) => {
          won = data[key] === undefined || data[`${key}.nonce`] === nonce;
          return data[key] === undefined ? { [key]: line, [`${key}.nonce`]: nonce } : null;
        });
      } catch (error) {
        unanswered.set(attempt, nonce);
        throw error;
      }
      return won ? "claimed" : "taken";
    },
    async post(rollout, word) {
      const nonce = randomUUID();
      await change(rollout, (data) => {
        const numbers = numbered(data, WORD);
        if (numbers.some(([number]) => data[`word.${number}.nonce`] === nonce)) return null;
        const key = `word.${(numbers.at(-1)?.[0] ?? 0) + 1}`;
        return { [key]: word, [`${key}.nonce`]: nonce };
      });
    },
  };
}

/**
 * Reads, decides and writes until the write lands on what was read. A write without an answer may have landed: the next
 * read tells, so `next` has to know its own change when it sees it.
 */
async function changeHead(
  maps: ConfigMaps,
  where: string,
  { rollout, known }: { readonly rollout: string; readonly known: ConfigMap | null },
  next: (data: Readonly<Record<string, string>>) => Change | null,
): Promise<void> {
  const name = headName(rollout);
  let lost = 0;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const head = tries === 0 && known !== null ? known : await maps.get(name);
    const change = next(head?.data ?? {});
    if (change === null) return;
    try {
      if (await write(maps, rollout, head, change)) return;
    } catch (error) {
      lost += 1;
      if (lost > LOST || !isUnreachable(error)) throw error;
    }
  }
  throw unreachable(where, `${TRIES} changes of ${name} in a row were overtaken by others`);
}

async function write(
  maps: ConfigMaps,
  rollout: string,
  head: ConfigMap | null,
  change: Change,
): Promise<boolean> {
  const name = headName(rollout);
  if (head === null)
    return (
      (await maps.create(
        name,
        labelsOf("rollout", rollout),
        change as Readonly<Record<string, string>>,
      )) !== null
    );
  return typeof (await maps.merge(name, change, head.metadata.resourceVersion)) === "object";
}

function headOf(map: ConfigMap | null): Head {
  const data = map?.data ?? {};
  return {
    claims: numbered(data, CLAIM),
    words: numbered(data, WORD).map(([, word]) => word),
  };
}

function numbered(
  data: Readonly<Record<string, string>>,
  pattern: RegExp,
): readonly (readonly [number, string])[] {
  return Object.entries(data)
    .flatMap(([key, value]): readonly (readonly [number, string])[] => {
      const digits = pattern.exec(key)?.[1];
      return digits === undefined ? [] : [[Number(digits), value]];
    })
    .toSorted(([a], [b]) => a - b);
}
