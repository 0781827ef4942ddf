import type { Fact, Note } from "../core/event.ts";
import { isNote } from "../core/is-note.ts";
import type { Plan } from "../core/plan.ts";
import type { State } from "../core/state.ts";
import type { Json } from "../core/units.ts";
import type { MetricSource } from "../drivers/driver.ts";
import type { Redactor } from "../evidence/redact.ts";
import type { Bundle } from "./bundle.ts";
import type { LostBaseline } from "./lost-baseline.ts";
import type { Engine, JournalEntry } from "./ports.ts";

/** What one process knows of the epoch that it owns. Shared by the runner and the performers of effects. */
export interface Run {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly digest: string;
  readonly rollout: string;
  readonly epoch: number;
  readonly redactor: Redactor;
  /** Secret outputs too: they live here and nowhere else. */
  readonly outputs: Map<string, { readonly value: Json; readonly secret: boolean }>;
  readonly sources: Map<string, MetricSource<unknown>>;
  readonly options: RunOptions;
  /** Processes of checks that live or are being stopped: the runner does not leave before they are gone. */
  readonly stopping: Set<Promise<unknown>>;
  /** Checks that are made once more for a secret value that died with an earlier process. */
  readonly restoring: Map<string, Promise<void>>;
  /** The last row of each table that is being written, by its file. */
  readonly tables: Map<string, Promise<unknown>>;
  /** Actions whose call by this very process was cut, or came without an answer. */
  readonly lostHere: Set<string>;
  /** Actions whose values were met, though no line of the journal says that they were begun. */
  readonly ahead: Set<string>;
  /** The number of the last line that was read of each earlier epoch that could begin something. */
  readonly lastLines: ReadonlyMap<number, number>;
  /** Lines that such an epoch had when the next one was claimed, and that were not read. */
  readonly linesGone: number;
  bundle: Bundle | null;
  /** What was captured, but whose baseline is not in the bundle or was changed there. */
  lost: readonly LostBaseline[];
  state: State;
  /** The last head of the journal that was signed, as it is told; null before the first, and in a rehearsal. */
  head: string | null;
  /** The highest epoch seen; above our own, this process is superseded and writes no more. */
  seenEpoch: number;
  /** Journals a fact and lets the machine take it in; resolves when it is synced and every decision on it is made. */
  record(fact: Fact): Promise<void>;
  /** Journals what the machine has no part in; resolves when it is written. After the end it goes into the end's epoch. */
  note(note: Note): Promise<void>;
}

export interface RunOptions {
  /** Undo foreign values too. */
  readonly overwrite: boolean;
  /** Undo even past a point of no return. */
  readonly pastIrreversible: boolean;
  /** Start from what is live, over what an unfinished rollout captured. */
  readonly acceptLive: boolean;
  /** How long the undo of one target is tried again, in milliseconds. */
  readonly undoBound: number;
}

/** The options of a plain start. */
export const plainOptions: RunOptions = {
  overwrite: false,
  pastIrreversible: false,
  acceptLive: false,
  undoBound: 300_000,
};

/** Thrown inside a performer when another process owns the rollout now: nothing more is written. */
export class Superseded extends Error {
  readonly byEpoch: number;
  constructor(byEpoch: number) {
    super(`epoch ${byEpoch} owns the rollout now`);
    this.byEpoch = byEpoch;
  }
}

/**
 * The last await before a call to a target: throws when a higher epoch was claimed.
 * A silent store stops only forward effects: on the way back `lenient` lets the write go on.
 */
export async function checkEpoch(run: Run, lenient: boolean): Promise<void> {
  let last: number;
  try {
    last = await run.engine.store.lastEpoch(run.rollout);
  } catch (error) {
    if (lenient) return;
    throw error;
  }
  if (last > run.epoch) {
    run.seenEpoch = Math.max(run.seenEpoch, last);
    throw new Superseded(last);
  }
}

/** Entries of the journal that the machine folds. */
export function factsOf(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  return entries.filter(({ event }) => !isNote(event));
}
