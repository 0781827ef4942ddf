import { join, resolve } from "node:path";

import { isSilentDisk } from "../../evidence/reach-disk.ts";
import { readPlainFileSync } from "../../evidence/read-plain-file.ts";

/** By evidence folder and rollout: the address of the shared store that holds its journal; null where it is the evidence. */
const routes = new Map<string, string | null>();

/** A rollout and the folder that its evidence lies in on this machine. */
interface Kept {
  readonly evidence: string;
  readonly id: string;
}

/** The file in the evidence that says that the journals beside it are copies, and of what. */
export const STORE_FILE = ".store";

/** Learns that the journal of a rollout is kept in a shared store, and not in its evidence. */
export function routeRollout(place: Kept, store: string): void {
  routes.set(keyOf(place), store);
}

/** The address of the shared store of a rollout; null when its journal is its evidence. */
export function routeOf(place: Kept): string | null {
  const known = routes.get(keyOf(place));
  if (known !== undefined) return known;
  const told = readStoreFile(place);
  // A rollout that is only about to begin has no file yet.
  if (told !== null) routes.set(keyOf(place), told);
  return told;
}

function readStoreFile({ evidence, id }: Kept): string | null {
  // Asked again when the disk answers.
  if (isSilentDisk(evidence)) return null;
  try {
    const text = readPlainFileSync(join(evidence, id, STORE_FILE));
    const { store } = JSON.parse(text) as { readonly store?: unknown };
    return typeof store === "string" ? store : null;
  } catch {
    return null;
  }
}

function keyOf({ evidence, id }: Kept): string {
  return `${resolve(evidence)}\n${id}`;
}
