import type { KnownRollout } from "../../store/rollout-index.ts";
import { textOf } from "../../store/unreachable.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { chosenStore, type ChosenStore } from "./chosen-store.ts";
import { isStoreError } from "./is-store-error.ts";
import { routeOf, routeRollout } from "./routes.ts";
import { sharedStoreAt } from "./shared-stores.ts";

/** Why the chosen store gave no list, where it gave none: what is known without it still counts. */
let silence: Error | null = null;

/**
 * Adds the rollouts of the store that was chosen. Their evidence lies where `known` says, else in `evidence`. With `--store`
 * only what is in that store is left, also where it gives no answer just now.
 */
export async function withSharedPlaces(
  here: readonly Place[],
  known: readonly KnownRollout[],
  evidence: string,
): Promise<readonly Place[]> {
  const places = new Map(here.map((place) => [place.id, place]));
  for (const { id, evidence: where, store } of known)
    if (store !== undefined) routeRollout({ id, evidence: where }, store);
  const chosen = chosenStore();
  if (chosen === null) return here;
  const isShared = chosen.address.kind !== "file";
  if (isShared) {
    for (const id of await idsIn(chosen)) {
      const place = places.get(id) ?? known.find((each) => each.id === id) ?? { id, evidence };
      routeRollout(place, chosen.text);
      places.set(id, { id, evidence: place.evidence });
    }
  }
  if (!chosen.isNamed) return [...places.values()];
  return [...places.values()].filter((place) => isSameStore(routeOf(place), chosen));
}

/** Throws what the chosen store failed with, when a rollout was looked for and not found without it. */
export function throwSilence(): void {
  if (silence !== null) throw silence;
}

/** The index names the context that was current; an address without one means the current one. */
function isSameStore(store: string | null, { address, text }: ChosenStore): boolean {
  if (store === null || address.kind === "file") return store === null && address.kind === "file";
  if (address.kind !== "kubernetes" || address.context !== null) return store === text;
  return store.startsWith("kubernetes://") && store.endsWith(`/${address.namespace}`);
}

async function idsIn(chosen: ChosenStore): Promise<readonly string[]> {
  try {
    const ids = await (await sharedStoreAt(chosen.text)).list();
    silence = null;
    return ids;
  } catch (error) {
    if (!isStoreError(error)) throw error;
    if (silence === null) tell(`canary: ${textOf(error)}\n  going by what is known here`);
    silence = error;
    return [];
  }
}
