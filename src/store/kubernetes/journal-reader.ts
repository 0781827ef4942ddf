import type { ConfigMap, ConfigMaps } from "./config-maps.ts";
import { lineNumber } from "./journal-writer.ts";
import { journalName } from "./names.ts";

/** Readings of a journal that is being written, until its parts fit together. */
const TRIES = 5;

type Numbered = readonly (readonly [number: number, line: string])[];

/** Reads journals; parts that are full are read once. */
export function createJournalReader(
  maps: ConfigMaps,
): (rollout: string, epoch: number) => Promise<readonly string[]> {
  const full = new Map<string, Numbered>();
  async function parts(rollout: string, epoch: number): Promise<Numbered> {
    const lines: (readonly [number, string])[] = [];
    let before: { readonly name: string; readonly lines: Numbered } | null = null;
    for (let part = 0; ; part += 1) {
      const name = journalName(rollout, epoch, part);
      const own = full.get(name) ?? linesOf(await maps.get(name));
      if (own === null) return lines;
      lines.push(...own);
      if (before !== null && follows(before.lines, own)) full.set(before.name, before.lines);
      before = { name, lines: own };
    }
  }
  return async (rollout, epoch) => {
    let read: Numbered = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      read = await parts(rollout, epoch);
      // A line may have come into a part after that part was read, and before the next one was.
      if (read.every(([number], index) => number === index + 1)) break;
    }
    return read.map(([, line]) => line);
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
