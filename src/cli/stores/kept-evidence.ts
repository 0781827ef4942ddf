import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import type { Engine } from "../../engine/ports.ts";
import { readText } from "../../engine/read-text.ts";
import { reachDisk } from "../../evidence/reach-disk.ts";
import { isRolloutId } from "../../evidence/rollout-id.ts";
import { writeFileAtomic } from "../../evidence/write-file.ts";
import { createMirroredStore, missingJournals } from "../../store/mirrored-store.ts";
import type { Store } from "../../store/store.ts";
import { announcementDocument } from "./announcement-document.ts";
import { copyQueue } from "./copy-queue.ts";
import { routeOf, routeRollout, STORE_FILE } from "./routes.ts";
import { sharedStoreAt } from "./shared-stores.ts";

/** What a takeover from another machine reads, with the mode of its file. */
const DOCUMENTS: Readonly<Record<string, number>> = {
  "plan.yaml": 0o644,
  "plan.json": 0o644,
  "rollback.json": 0o600,
};

export interface KeptEvidence extends Pick<Engine, "writeEvidence" | "readEvidence"> {
  readonly store: Store;
  /** The journals in the folder alone: for those in a shared store, the copies that this machine has. */
  readonly copies: Store;
  /** Resolves when all that was to be copied to this machine is copied. Never throws. */
  readonly fetched: () => Promise<void>;
  /** Copies the end of a rollout that another process ended; false where there is nothing to copy. Never throws. */
  readonly complete: (rollout: string) => Promise<boolean>;
}

/**
 * The evidence of a folder, whose rollouts each have their journal there or in a shared store. What is in a shared one is
 * copied here as it is written; the plan and the bundle go there too, before the first change, and are read from there where
 * this machine has none. `fallback` is the address for rollouts that nobody told of; null for the folder itself.
 */
export function keptEvidence(
  evidence: string,
  local: Store,
  fallback: string | null,
): KeptEvidence {
  const copies = copyQueue();
  const mirrors = new Map<string, Promise<Store>>();
  const addressFor = (id: string): string | null => routeOf({ evidence, id }) ?? fallback;
  const fetch =
    (address: string) =>
    (rollout: string, before: number): Promise<void> =>
      copies.late(() => copyHere(address, evidence, local, rollout, before));
  const mirror = async (address: string): Promise<Store> =>
    createMirroredStore(await sharedStoreAt(address), {
      local,
      mark: (rollout) => markCopy(evidence, rollout, address),
      fetch: fetch(address),
      beside: (work) => void copies.soon(work),
    });
  const storeFor = async (rollout: string): Promise<Store> => {
    // Where the disk is dead, what is known without it counts.
    await reachDisk(evidence).catch(() => undefined);
    const address = addressFor(rollout);
    if (address === null) return local;
    const known = mirrors.get(address) ?? mirror(address);
    mirrors.set(address, known);
    return known;
  };
  return {
    store: routedStore(evidence, local, storeFor),
    copies: local,
    fetched: () => copies.done(),
    async complete(rollout) {
      const address = addressFor(rollout);
      if (address === null) return false;
      void fetch(address)(rollout, Number.POSITIVE_INFINITY);
      await copies.done();
      return true;
    },
    ...documentsOf(evidence, addressFor),
  };
}

/** Reads and writes the files of a folder, those of a takeover in the store too. */
function documentsOf(
  evidence: string,
  addressFor: (rollout: string) => string | null,
): Pick<KeptEvidence, "writeEvidence" | "readEvidence"> {
  return {
    async writeEvidence(path, text, mode) {
      const document = documentOf(evidence, path);
      const address = document === null ? null : addressFor(document.rollout);
      if (document !== null && address !== null && typeof text === "string")
        await (await sharedStoreAt(address)).keep(document.rollout, document.name, text);
      await writeFileAtomic(path, text, { mode });
    },
    async readEvidence(path) {
      const here = await readText(path);
      const told = announcementDocument(evidence, path);
      const place = told === null ? null : addressFor(told.rollout);
      // Another machine may have told more people since.
      if (told !== null && place !== null)
        return (await (await sharedStoreAt(place)).kept(told.rollout, told.name)) ?? here;
      const document = here === null ? documentOf(evidence, path) : null;
      const address = document === null ? null : addressFor(document.rollout);
      if (document === null || address === null) return here;
      return (await sharedStoreAt(address)).kept(document.rollout, document.name);
    },
  };
}

/** Asks, for each rollout, the store that holds its journal. */
function routedStore(
  evidence: string,
  local: Store,
  storeFor: (rollout: string) => Promise<Store>,
): Store {
  return {
    where: local.where,
    list: () => local.list(),
    claim: async (id, epoch, line) => (await storeFor(id)).claim(id, epoch, line),
    append: async (id, epoch, lines) => (await storeFor(id)).append(id, epoch, lines),
    read: async (id) => (await storeFor(id)).read(id),
    lastEpoch: async (id) => (await storeFor(id)).lastEpoch(id),
    post: async (id, word) => (await storeFor(id)).post(id, word),
    inbox: async (id, from) => (await storeFor(id)).inbox(id, from),
    beat: async (id, epoch, counter) => (await storeFor(id)).beat(id, epoch, counter),
    readBeat: async (id, epoch) => (await storeFor(id)).readBeat(id, epoch),
    tidy: async (id) => local.tidy?.(id),
    async lock(target, id, after) {
      const store = await storeFor(id);
      const result = await store.lock(target, id, after);
      // The journal of who holds it is where the claim is.
      if (result.kind === "taken" && store !== local)
        routeRollout({ evidence, id: result.holder }, result.where);
      return result;
    },
  };
}

/** The rollout and the name of a document that is kept in the store; null for every other path. */
function documentOf(
  evidence: string,
  path: string,
): { readonly rollout: string; readonly name: string } | null {
  const told = announcementDocument(evidence, path);
  if (told !== null) return told;
  const name = basename(path);
  const folder = dirname(resolve(path));
  const rollout = basename(folder);
  const isOne =
    Object.hasOwn(DOCUMENTS, name) && isRolloutId(rollout) && dirname(folder) === resolve(evidence);
  return isOne ? { rollout, name } : null;
}

/** Whoever finds the copy must not take it for the journal itself. */
async function markCopy(evidence: string, rollout: string, store: string): Promise<void> {
  const text = `${JSON.stringify({ v: 1, store })}\n`;
  await writeFileAtomic(join(evidence, rollout, STORE_FILE), text).catch(() => undefined);
}

/** What earlier epochs on other machines left, so that the evidence here is whole. */
async function copyHere(
  address: string,
  evidence: string,
  local: Store,
  rollout: string,
  before: number,
): Promise<void> {
  const shared = await sharedStoreAt(address);
  await markCopy(evidence, rollout, address);
  for (const [name, mode] of Object.entries(DOCUMENTS)) {
    const path = join(evidence, rollout, name);
    const text = (await readText(path)) === null ? await shared.kept(rollout, name) : null;
    if (text !== null) await writeFileAtomic(path, text, { mode });
  }
  for (const { epoch, text } of await missingJournals(shared, local, rollout, before))
    await writeFileAtomic(join(evidence, rollout, `journal.${epoch}.ndjson`), text);
  const { keptFile, keptFiles } = await import("../in-cluster/kept-files.ts");
  for (const { path } of await keptFiles(shared, rollout)) {
    const here = join(evidence, rollout, path);
    const content = existsSync(here) ? null : await keptFile(shared, rollout, path);
    if (content !== null) await writeFileAtomic(here, content);
  }
}
