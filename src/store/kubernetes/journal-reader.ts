import type { ConfigMap, ConfigMaps } from "./config-maps.ts";
import { lineNumber } from "./journal-writer.ts";
import { journalName } from "./names.ts";

/** Readings of a journal that is being written, until its parts fit together. */
const TRIES = 5;
/** Parts that are asked for first: most journals have one, and that the next is not there has to be heard too. */
const FIRST = 2;
/** Parts that are asked for at once: a soak of a day has more than a hundred, and an abort waits for them. */
const MOST = 16;

type Numbered = readonly (readonly [number: number, line: string])[];

/** Reads journals; parts that are full are read once. */
export function createJournalReader(
  maps: ConfigMaps,
): (rollout: string, epoch: number) => Promise<readonly string[]> {
  const full = new Map<string, Numbered>();
  async function parts(rollout: string, epoch: number): Promise<Numbered> {
    const lines: (readonly [number, string])[] = [];
    let before: { readonly name: string; readonly lines: Numbered } | null = null;
    for (let part = 0, width = FIRST; ; part += width, width = Math.min(MOST, width * 2)) {
      const asked = Array.from({ length: width }, (_, index) => part + index);
      for (const { name, own } of await Promise.all(asked.map((at) => read(rollout, epoch, at)))) {
        if (own === null) return lines;
        lines.push(...own);
        if (before !== null && follows(before.lines, own)) full.set(before.name, before.lines);
        before = { name, lines: own };
      }
    }
  }
  async function read(
    rollout: string,
    epoch: number,
    part: number,
  ): Promise<{ readonly name: string; readonly own: Numbered | null }> {
    const name = journalName(rollout, epoch, part);
    return { name, own: full.get(name) ?? linesOf(await maps.get(name)) };
  }
  return async (rollout, epoch) => {
    let found: Numbered = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      found = await parts(rollout, epoch);
      // A line may have come into a part after that part was read, and before the next one was.
      if (found.every(([number], index) => number === index + 1)) break;
    }
    return found.map(([, line]) => line);
  };
}

function follows(before: Numbered, own: Numbered): boolean {
  const [first] = own;
  return first !== undefined && (before.at(-1)?.[0] ?? 0) + 1 === first[0];
}

function linesOf(map: ConfigMap | null): Numbered | null {
  if (map === null) return null;
  return Object.entries(map.data ?? {})
    .flatMap(([key, line]): Numbered => {
      const number = lineNumber(key);
      return number === null ? [] : [[number, line]];
    })
    .toSorted(([a], [b]) => a - b);
}
