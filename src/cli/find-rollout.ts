import type { Event } from "../core/event.ts";
import { reachDisk } from "../evidence/reach-disk.ts";
import { composeEvidence, composeRecords, composeStore } from "./compose.ts";
import { rolledBackElsewhere } from "./ended-elsewhere.ts";
import { knownPlaces, throwUnread, type Place } from "./known-evidence.ts";
import { isStoreError } from "./stores/is-store-error.ts";
import { routeOf } from "./stores/routes.ts";
import { throwSilence } from "./stores/shared-places.ts";
import { sharedStoreAt } from "./stores/shared-stores.ts";
import { UsageError } from "./usage-error.ts";

/** Enough of an id to be meant: fewer characters are a slip. */
const LEAST = 4;

/** The rollout that an id, or a unique beginning or end of one, names. */
export async function findRollout(id: string, evidence: string | undefined): Promise<Place> {
  const places = await knownPlaces(evidence);
  const exact = places.find((place) => place.id === id);
  if (exact !== undefined) return reachable(exact);
  const close = places.filter(
    (place) => id.length >= LEAST && (place.id.startsWith(id) || place.id.endsWith(id)),
  );
  const [only] = close;
  if (only !== undefined && close.length === 1) return reachable(only);
  if (close.length > 1)
    throw new UsageError(
      `${id} is the beginning or end of ${close.length} rollouts`,
      `name one of them:\n${close.map((place) => place.id).join("\n")}`,
    );
  throwSilence();
  throwUnread();
  throw new UsageError(
    `no rollout ${id} is known here`,
    "`canary list` shows those that are; --evidence DIR looks in another folder, --store URL in another store",
  );
}

/** The rollout that was named, or else the only one that is active. `verb` is for the lines to paste. */
export async function findActive(
  id: string | undefined,
  evidence: string | undefined,
  verb: string,
): Promise<Place> {
  if (id !== undefined) return findRollout(id, evidence);
  const active = await activePlaces(evidence);
  const [only] = active;
  if (only !== undefined && active.length === 1) return only;
  if (active.length === 0) {
    throwSilence();
    throwUnread();
  }
  if (active.length === 0)
    throw new UsageError(
      `no rollout is active, so there is nothing to ${verb}`,
      "`canary list` shows all that are known here; name one to act on it",
    );
  throw new UsageError(
    `${active.length} rollouts are active: say which`,
    active.map((place) => `canary ${verb} ${place.id}   # in ${place.evidence}`).join("\n"),
  );
}

/** Rollouts without an end, newest first. */
export async function activePlaces(evidence: string | undefined): Promise<readonly Place[]> {
  const places = await knownPlaces(evidence);
  const active = await Promise.all(places.map(isActive));
  return Promise.all(places.filter((_, index) => active[index] === true).map(reachable));
}

/** Where the disk of a rollout's folder gives no answer, another folder with a journal of it. */
async function reachable(place: Place): Promise<Place> {
  if (await answers(place.evidence)) return place;
  const { id } = place;
  const others = await (await composeRecords()).placesOf(id).catch((): readonly string[] => []);
  for (const evidence of others.toReversed()) {
    if (!(await answers(evidence))) continue;
    const { copies } = await composeEvidence(evidence);
    if ((await copies.lastEpoch(id).catch(() => 0)) > 0) return { id, evidence };
  }
  return place;
}

function answers(evidence: string): Promise<boolean> {
  return reachDisk(evidence).then(
    () => true,
    () => false,
  );
}

/** An end is a claim, so the first line of the newest epoch tells. A folder that cannot be read has no say here. */
async function isActive({ id, evidence }: Place): Promise<boolean> {
  // Its journal may say that it is over: while the copy of its bundle is kept it gave nothing back.
  if (!(await answers(evidence))) return hasBundle(id);
  try {
    const epochs = await newestClaim({ id, evidence });
    const first = epochs.at(-1)?.lines[0];
    // Its evidence is gone, and it has not given its targets back.
    if (epochs.length === 0) return await hasBundle(id);
    if (first === undefined) return true;
    const { event } = JSON.parse(first) as { readonly event: Event };
    if (event.kind === "claimed" && event.end !== null) return false;
    return (await rolledBackElsewhere({ id, evidence })) === null;
  } catch {
    return false;
  }
}

async function hasBundle(id: string): Promise<boolean> {
  return (await composeRecords()).hasBundle(id).catch(() => false);
}

/** The newest epoch with at least its first line: of a shared store only that is asked for. */
async function newestClaim({
  id,
  evidence,
}: Place): Promise<readonly { readonly lines: readonly string[] }[]> {
  const address = routeOf({ id, evidence });
  if (address === null) return (await composeStore(evidence)).read(id);
  try {
    const line = await (await sharedStoreAt(address)).lastClaim(id);
    return line === null ? [] : [{ lines: [line] }];
  } catch (error) {
    if (!isStoreError(error)) throw error;
    // What this machine copied is the best that is known.
    return (await composeEvidence(evidence)).copies.read(id);
  }
}
