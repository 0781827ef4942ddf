import type { Store } from "./store.ts";

/**
 * A store that other machines reach too. It also holds what else a takeover from there needs: the resolved plan and the
 * rollback bundle, whole and unredacted.
 */
export interface SharedStore extends Store {
  /** Keeps a document of a rollout under a name like `plan.json`, replacing one of that name; synced before it answers. */
  keep(rollout: string, name: string, text: string): Promise<void>;
  /** A kept document as a whole; null when there is none. */
  kept(rollout: string, name: string): Promise<string | null>;
  /** The first line of the highest epoch: one cheap read that tells whether a rollout is over. Null when there is none. */
  lastClaim(rollout: string): Promise<string | null>;
  /** Why rollouts can not be kept there, and what to change; null when they can. Leaves nothing behind. */
  problem(): Promise<string | null>;
  /** Begins to connect, for what will be asked; absent where that takes no time. Never throws. */
  reach?(): void;
  /** Lets go of processes and connections; a later call opens them again. */
  close(): Promise<void>;
}
