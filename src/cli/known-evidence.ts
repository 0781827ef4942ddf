import { resolve } from "node:path";

import { tell } from "./print.ts";

/** A rollout and the folder that its evidence folder lies in. */
export interface Place {
  readonly id: string;
  readonly evidence: string;
}

/** The evidence folder that was asked for, or the usual one. */
export function evidenceFolder(option: string | undefined): string {
  return resolve(option ?? "evidence");
}

/**
 * Every rollout that is known here, newest first. With `--evidence` those of that folder; else those of `./evidence`, and
 * those that were started on this machine from any folder. One whose evidence is gone counts while a copy of its bundle is
 * kept: it has not given its targets back.
 */
export async function knownPlaces(option: string | undefined): Promise<readonly Place[]> {
  const { composeEvidence } = await import("./compose.ts");
  const evidence = evidenceFolder(option);
  const { copies } = await composeEvidence(evidence);
  unread = null;
  const [{ knownRollouts }, { keptBundles }, { stateDir }, { withSharedPlaces }] =
    await Promise.all([
      import("../store/rollout-index.ts"),
      import("../store/user-records.ts"),
      import("../store/state-dir.ts"),
      import("./stores/shared-places.ts"),
    ]);
  const [ids, known, kept] = await Promise.all([
    asFarAsRead(copies.list()),
    asFarAsRead(knownRollouts(stateDir())),
    asFarAsRead(keptBundles(stateDir())),
  ]);
  const all = new Map<string, Place>();
  for (const id of kept) if (option === undefined) all.set(id, { id, evidence });
  for (const { id, evidence: where } of known)
    if (option === undefined || (where === evidence && kept.includes(id)))
      all.set(id, { id, evidence: where });
  for (const id of ids) all.set(id, { id, evidence });
  const places = await withSharedPlaces([...all.values()], known, evidence);
  return places.toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

/** One place that can not be read must not keep what the others know: that it was not read is said, once. */
async function asFarAsRead<T>(reading: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await reading;
  } catch (error) {
    unread = error instanceof Error ? error : new Error(String(error));
    const why = unread.message;
    if (!told.has(why)) tell(`canary: not read: ${why}\n  going by what is known without it`);
    told.add(why);
    return [];
  }
}

const told = new Set<string>();

/** What the last look could not read. */
let unread: Error | null = null;

/** Why a rollout may be there that nobody was told of; null when everything was read. */
export function whyUnread(): string | null {
  return unread?.message ?? null;
}

/** Throws what could not be read, when a rollout was looked for and not found without it. */
export function throwUnread(): void {
  if (unread === null) return;
  // A disk that gives no answer now may give one soon.
  const code = "code" in unread && unread.code === "ETIMEDOUT" ? "ESTORE" : "EREFUSED";
  throw Object.assign(new Error(`what may be there was not read: ${unread.message}`), { code });
}

/** The newest rollout: of this folder's evidence where there is one, since who asks in a folder means that; else of all. */
export async function newestPlace(option: string | undefined): Promise<Place | undefined> {
  const places = await knownPlaces(option);
  const folder = evidenceFolder(option);
  return places.find(({ evidence }) => evidence === folder) ?? places[0];
}
