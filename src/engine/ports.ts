import type { End } from "../core/ending.ts";
import type { Difference, Entry, Owner } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import type { MonoTime, Millis, WallTime } from "../core/units.ts";
import type { ExecPort } from "../drivers/exec.ts";
import type { HttpPort } from "../drivers/http.ts";
import type { Head } from "../evidence/journal-head.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import type { Store } from "../store/store.ts";
import type { ReadText } from "./read-text.ts";

/** Time, as the engine sees it. The virtual clock of `rehearse` fires one timer at a time. */
export interface Clock {
  now(): WallTime;
  mono(): MonoTime;
  /** Calls back once after `ms`; the returned function cancels it. */
  after(ms: Millis, call: () => void): () => void;
}

/** An entry as the journal holds it. */
export interface JournalEntry extends Entry {
  readonly seq: number;
  readonly actor: string;
}

/** The processes of this host, as far as a takeover asks about them. */
export interface Processes {
  /** This process, for the claim it makes. */
  self(): Owner;
  /** Whether an owner ran on this host and in this boot, so that its pid means something here. */
  isHere(owner: Owner): boolean;
  /** Whether exactly this process still lives. */
  isAlive(owner: Owner): boolean;
  /** Ends an earlier runner of a rollout and its children of earlier epochs; true when all of them are gone. */
  end(owner: Owner, rollout: string, epoch: number): Promise<boolean>;
  /** Ends the services of checks that earlier epochs of a rollout left on this host. */
  endServices(rollout: string, epoch: number): Promise<void>;
}

/** Which rollout and epoch a child process or a request belongs to. */
export interface CallerIdentity {
  readonly rollout: string;
  readonly epoch: number;
}

/** Reads of the journal as it grows: terminal, NDJSON, report. A slow or broken one delays and changes nothing. */
export type Observer = (entry: JournalEntry, line: string) => void;

/** What the machine of this user knows of rollouts beside their evidence. */
export interface Records {
  /** Keeps a second copy of a rollback bundle, where the loss of the evidence does not reach it; synced. */
  keepBundle(rollout: string, text: string): Promise<void>;
  /** The rollout gave its targets back: its copy is needed no longer. Never throws. */
  dropBundle(rollout: string): Promise<void>;
  hasBundle(rollout: string): Promise<boolean>;
  /** The text of the second copy; null when there is none. */
  keptBundle(rollout: string): Promise<string | null>;
  /** The `where` of every store that may hold a journal of this rollout. */
  placesOf(rollout: string): Promise<readonly string[]>;
}

/** What every command that owns an epoch needs. Built in one place, by the composition root. */
export interface Engine {
  readonly clock: Clock;
  readonly store: Store;
  /** Another store of the same kind, by its `where`, and its evidence: for the journal of a rollout that holds a target. */
  readonly elsewhere: (where: string) => { readonly store: Store; readonly evidence: string };
  /** The folder that holds `<rollout>/…`. */
  readonly evidence: string;
  /** Writes a file of the evidence as a whole, synced; `mode` as of chmod. */
  readonly writeEvidence: (path: string, text: string | Uint8Array, mode: number) => Promise<void>;
  /** Absent where nothing outlives the evidence: in a rehearsal. */
  readonly records?: Records;
  readonly catalog: DriverCatalog;
  /** Reads a file of the evidence; null when there is none. */
  readonly readEvidence: ReadText;
  readonly processes: Processes;
  /** Signs the head of a journal into the evidence. */
  readonly sealHead: (head: Head) => Promise<void>;
  /** The heads that were signed of a rollout: each says that its epoch had a line of this number. Absent where none are. */
  readonly signedHeads?: (
    rollout: string,
  ) => Promise<readonly { readonly epoch: number; readonly seq: number }[]>;
  /** Writes the report, the manifest and its signature of a rollout that ended. */
  readonly sealRollout: (rollout: string) => Promise<void>;
  /**
   * The same for a rollout that another process ended, where that left the evidence of this machine without its end: with a
   * shared store. Never throws.
   */
  readonly sealFollowed?: (rollout: string) => Promise<void>;
  /** Processes and HTTP, told who calls, for each driver call. */
  readonly exec: (identity: CallerIdentity) => ExecPort;
  readonly http: (identity: CallerIdentity) => HttpPort;
  /** Resolves the text of `${env:X}` and `${file:/x}`; an Error says which is missing. */
  readonly secret: (reference: string) => string | Error;
  /** The person or job that acts, for the journal. */
  readonly by: string;
  readonly observe: Observer;
}

export interface PlanSource {
  readonly path: string;
  readonly text: string;
  readonly plan: Plan;
  readonly digest: string;
}

/**
 * How a process left a rollout: at its end, or because another epoch took over and was followed to its end, or at once
 * because of a second signal.
 */
export type Outcome =
  | {
      readonly kind: "ended";
      readonly rollout: string;
      readonly end: End;
      readonly exit: number;
      /** What could not be tidied up after the end, in words. */
      readonly leftovers: readonly string[];
    }
  /** It was over before: nothing was written. `differences` is what is not as the rollout left it. */
  | {
      readonly kind: "over";
      readonly rollout: string;
      readonly end: End;
      readonly exit: number;
      readonly differences: readonly Difference[];
    }
  /** It was promoted: undoing that is asked for explicitly. */
  | {
      readonly kind: "needs-consent";
      readonly rollout: string;
      readonly end: End;
      readonly exit: 2;
    }
  | { readonly kind: "locked"; readonly exit: 21; readonly target: string; readonly holder: string }
  /** Its plan is not the one that was started, and no copy of that is left: it is not run on. */
  | { readonly kind: "plan-changed"; readonly rollout: string; readonly exit: 22 }
  | { readonly kind: "lost"; readonly rollout: string; readonly exit: 41; readonly why: string }
  /** Left at the first signal, because a guard watches. */
  | { readonly kind: "detached"; readonly rollout: string; readonly exit: 33 }
  | { readonly kind: "left"; readonly rollout: string; readonly exit: 130 };
