import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { hashLine, parseLine } from "../evidence/journal-line.ts";
import type { Witness } from "../evidence/verify-witness.ts";
import { seenIn, type SeenLine } from "../evidence/witness-line.ts";
import { UsageError } from "./usage-error.ts";

/**
 * What `--witness` names: a text with heads or lines of the journal in it (a CI log, a chat's export; `-` is stdin), a folder
 * with a copy of the journals, or the address of a shared store. Throws a UsageError where there is none.
 */
export async function witnessAt(given: string): Promise<Witness> {
  if (/^(?:kubernetes|postgres(?:ql)?):/u.test(given)) return storeWitness(given);
  if (given === "-") return textWitness("stdin", await text(process.stdin));
  const found = await stat(given).catch(() => null);
  if (found === null)
    throw new UsageError(
      `there is no witness ${given}`,
      "a file, a folder with a copy of the journals, - for stdin, or kubernetes://… or postgres://…",
    );
  return textWitness(
    given,
    found.isDirectory() ? await journalsIn(given) : await readFile(given, "utf8"),
  );
}

function textWitness(name: string, said: string): Witness {
  return { name, seen: (rollout) => Promise.resolve(seenIn(said, rollout)) };
}

async function journalsIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^journal\.\d+\.ndjson$/u.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.join("\n");
}

/** A store keeps the very lines. It is asked, and nothing that it says is taken into the evidence. */
function storeWitness(address: string): Witness {
  return {
    name: address.replace(/:[^:@/]*@/u, "@"),
    async seen(rollout) {
      const { sharedStoreAt } = await import("./stores/shared-stores.ts");
      const epochs = await (await sharedStoreAt(address)).read(rollout);
      return epochs.flatMap(({ lines }) => lines.flatMap(seenLine));
    },
  };
}

function seenLine(line: string): readonly SeenLine[] {
  const entry = parseLine<{ kind: string }>(line);
  return entry === null ? [] : [{ epoch: entry.epoch, seq: entry.seq, sha256: hashLine(line) }];
}
