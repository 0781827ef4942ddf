import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { readDisk, reachDisk } from "../evidence/reach-disk.ts";
import { readPlainFile } from "../evidence/read-plain-file.ts";
import { isRolloutId } from "../evidence/rollout-id.ts";
import { makeFolder, writeFileAtomic } from "../evidence/write-file.ts";
import { placesOfRollout } from "./rollout-index.ts";
import { codeOf } from "./store-error.ts";

/** What this user's state directory knows of rollouts beside their evidence. */
export interface UserRecords {
  /** Keeps a second copy of a rollback bundle, 0600, synced: an abort finds it by the id when the evidence is gone. */
  keepBundle(rollout: string, text: string): Promise<void>;
  /** The copy is needed no longer: its rollout gave its targets back. Never throws. */
  dropBundle(rollout: string): Promise<void>;
  hasBundle(rollout: string): Promise<boolean>;
  /** The text of the copy; null when there is none. */
  keptBundle(rollout: string): Promise<string | null>;
  /** Every folder that holds a journal of this rollout, as far as this user's commands made it. */
  placesOf(rollout: string): Promise<readonly string[]>;
}

/** The records in a state directory. */
export function createUserRecords(state: string): UserRecords {
  return {
    async keepBundle(rollout, text) {
      await reachDisk(state);
      await makeFolder(join(state, "bundles"), 0o700);
      await writeFileAtomic(bundleCopy(state, rollout), text, { mode: 0o600 });
    },
    dropBundle: (rollout) =>
      reachDisk(state)
        .then(() => rm(bundleCopy(state, rollout), { force: true }))
        .catch(() => undefined),
    hasBundle: (rollout) => readDisk(state, () => isThere(bundleCopy(state, rollout))),
    async keptBundle(rollout) {
      try {
        return await readDisk(state, () => readPlainFile(bundleCopy(state, rollout)));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return null;
        throw error;
      }
    },
    async placesOf(rollout) {
      const spare = spareEvidence(state);
      const [known, isSpare] = await Promise.all([
        placesOfRollout(state, rollout),
        readDisk(state, () => isThere(join(spare, rollout))),
      ]);
      return [...new Set(isSpare ? [...known, spare] : known)];
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Where the second copy of a rollout's bundle lies. */
export function bundleCopy(state: string, rollout: string): string {
  return join(state, "bundles", `${rollout}.json`);
}

/** Where an abort writes its evidence when the rollout's own folder takes none. */
export function spareEvidence(state: string): string {
  return join(state, "aborts");
}

/** Rollouts that a copy of the bundle is kept of: they have not given their targets back, whatever became of their evidence. */
export async function keptBundles(state: string): Promise<readonly string[]> {
  try {
    const names = await readDisk(state, () => readdir(join(state, "bundles")));
    return names.map((name) => name.replace(/\.json$/u, "")).filter(isRolloutId);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
