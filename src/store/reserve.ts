import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Space kept back for the way back, in bytes: several hundred lines and a few claims. */
const SIZE = 256 * 1024;

/**
 * A file that only takes space, beside the journals of a rollout: when the disk is full it is freed, so that the way
 * back can still be claimed and journalled.
 */
export interface Reserve {
  /** Takes the space; without effect when there is none. */
  take(): Promise<void>;
  /** Gives the space back. Never throws. */
  free(): Promise<void>;
}

/** The reserve of a rollout's folder. */
export function createReserve(folder: string): Reserve {
  const path = join(folder, ".reserve");
  return {
    async take() {
      // Random, so that a file system that compresses or knows holes really gives the space.
      await writeFile(path, randomBytes(SIZE)).catch(() => rm(path, { force: true }));
    },
    async free() {
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}
