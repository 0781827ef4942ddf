/**
 * The contract of every store: a create-only record that already contains its first line, and an append by its single writer.
 * A line is one JSON document without a newline. Nothing is ever overwritten or released.
 */
export interface Store {
  /** Where it is, for people: a path or a URL. */
  readonly where: string;
  /**
   * Creates epoch `epoch` of `rollout` with its first line, synced before it answers. Exactly one of all racing claimants
   * gets `claimed`; the rest get `taken`.
   */
  claim(rollout: string, epoch: number, firstLine: string): Promise<"claimed" | "taken">;
  /** Appends to an epoch that this process claimed; synced before it answers. Throws when the store does not answer. */
  append(rollout: string, epoch: number, lines: readonly string[]): Promise<void>;
  /** All epochs in order, each with its lines; a torn last line is reported, never repaired in place. */
  read(rollout: string): Promise<readonly EpochLines[]>;
  /** The highest claimed epoch, 0 when there is none. One cheap read: it stands before every write to a target. */
  lastEpoch(rollout: string): Promise<number>;
  /** Rollout ids, newest first. */
  list(): Promise<readonly string[]>;
  /** Puts a word into the rollout's inbox; it is synced before it answers. */
  post(rollout: string, word: string): Promise<void>;
  /**
   * Words in the order they came, from the given position on. What cannot be read keeps its place, and its text says why:
   * see `unreadable`.
   */
  inbox(rollout: string, from: number): Promise<readonly string[]>;
  /** Writes the heartbeat counter of an epoch; not synced, and allowed to be lost. */
  beat(rollout: string, epoch: number, counter: number): Promise<void>;
  readBeat(rollout: string, epoch: number): Promise<number>;
  /** Removes what only a rollout under way needs (heartbeats, space kept back), once it ended. Never throws. */
  tidy?(rollout: string): Promise<void>;
  /**
   * Claims `target/<key>.<n>` for a rollout with `n` = `after` + 1, and answers who has it when it is taken, also when
   * that is the same rollout. `after` starts at 0; the caller goes on from a claim that is over.
   */
  lock(target: string, rollout: string, after: number): Promise<LockResult>;
}

/** What the text of an inbox begins with where it is none that a word could stand in. */
export const UNREADABLE = "unreadable: ";

/** Why something in an inbox cannot be read; null where it is a text, word or not. */
export function unreadable(text: string): string | null {
  return text.startsWith(UNREADABLE) ? text.slice(UNREADABLE.length) : null;
}

export interface EpochLines {
  readonly epoch: number;
  readonly lines: readonly string[];
  /** The bytes after the last newline, when there are any. */
  readonly torn: string | null;
}

/**
 * A target lock is a claim `target/<key>.<n>` naming a rollout. It is held until that rollout ended promoted, rolled back,
 * or before its first intent: the caller decides that from `holder`'s journal and asks again with `after`.
 */
export type LockResult =
  | { readonly kind: "held" }
  /** `where` is the store that holds the holder's journal, as `Store.where` says it. */
  | {
      readonly kind: "taken";
      readonly holder: string;
      readonly n: number;
      readonly where: string;
    };
