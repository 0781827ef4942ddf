import type { EffectId, UndoGroup } from "./effect.ts";
import type { End } from "./ending.ts";
import type { Role } from "./governance.ts";
import type { Outcome, Sample } from "./sample.ts";
import type { Cause, Hold } from "./state.ts";
import type { Json, Millis, MonoTime, Percent, WallTime } from "./units.ts";

/** An event with the clocks of the process that wrote it. `mono` is comparable within one epoch only. */
export interface Entry {
  readonly at: WallTime;
  readonly mono: MonoTime;
  readonly epoch: number;
  readonly event: Event;
}

/** The process that owns an epoch, so that a takeover can tell whether it still lives. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** A person's word through the inbox. `hold` names the hold it answers: one whose hold is over is refused. */
export interface Word {
  readonly kind: "hold" | "resume" | "promote" | "confirm" | "playbook" | "override";
  readonly by: string;
  readonly reason: string;
  /** For `confirm` the confirmation's name, for `playbook` the playbook's, for `override` the gate's id; else null. */
  readonly check: string | null;
  /** For `confirm`: false with `--no`. */
  readonly yes: boolean;
  readonly stage: string | null;
  readonly hold: string | null;
  /** The signature under it, where the rollout has a policy. */
  readonly proof?: Proof;
  /** Whose signature it is, and what the policy says of them. The runner that takes the word finds it out. */
  readonly authority?: { readonly person: string; readonly roles: readonly Role[] };
  /** Why its signature counts for nobody, in words; found out by the runner too. */
  readonly unproven?: string;
}

/** What a person signed, beside the word itself. */
export interface Proof {
  /** The plan that the word is about, as it was resolved. */
  readonly digest: string;
  /** Null for a word that was given before the start. */
  readonly rollout: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly expires: string;
  /** An armored SSH signature. */
  readonly signature: string;
}

/** One field that is not as it should be. Values are shown redacted by the writer. */
export interface Difference {
  readonly field: string;
  readonly label: string;
  readonly expected: string;
  readonly live: string;
}

/** How the undo of one field went. */
export interface UndoResult {
  readonly field: string;
  readonly label: string;
  readonly result: "restored" | "foreign" | "failed" | "unknown";
  readonly why: string;
}

/** Everything that can happen. Past tense; the journal is the list of these. */
export type Event = Fact | Note;

/** What the machine folds into its state. */
export type Fact =
  /** The first line of every epoch. */
  | {
      readonly kind: "claimed";
      readonly rollout: string;
      readonly plan: string;
      readonly digest: string;
      readonly mode: "start" | "rollback" | "continue" | "halt";
      readonly cause: Cause | null;
      readonly by: string;
      /** A person asked for the undo of what cannot be undone cleanly. */
      readonly pastIrreversible?: boolean;
      readonly owner: Owner;
      /** The end, when the claim is the end: an end is a claim too. */
      readonly end: End | null;
    }
  | {
      readonly kind: "preflight-finished";
      readonly effect: EffectId;
      readonly problems: readonly string[];
      /** What its checks gave for later use; secret ones are not here. */
      readonly outputs?: Readonly<Record<string, Json>>;
    }
  | {
      readonly kind: "baseline-captured";
      readonly effect: EffectId;
      readonly problems: readonly string[];
      /** A target is held by another rollout. */
      readonly locked: boolean;
      /** Field key to the SHA-256 of its baseline; the values are in the bundle alone. */
      readonly fields: Readonly<Record<string, string>>;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "read-back-finished";
      readonly effect: EffectId;
      readonly differences: readonly Difference[];
      readonly unreadable: string | null;
    }
  | {
      readonly kind: "action-intended";
      readonly effect: EffectId;
      readonly action: string;
      readonly fields: Readonly<Record<string, Json>>;
    }
  | {
      readonly kind: "action-finished";
      readonly effect: EffectId;
      readonly action: string;
      readonly result: "applied" | "failed" | "unknown" | "refused" | "moved";
      readonly why: string;
      /** What its answer gave for later use; secret ones are not here. */
      readonly outputs?: Readonly<Record<string, Json>>;
    }
  | {
      readonly kind: "check-finished";
      readonly effect: EffectId;
      readonly check: string;
      readonly result: "pass" | "fail" | "error";
      readonly detail: string;
      /** What its answer gave for later use; secret ones are not here. */
      readonly outputs?: Readonly<Record<string, Json>>;
    }
  | {
      readonly kind: "measured";
      readonly effect: EffectId;
      readonly key: string;
      readonly sample: Sample;
    }
  | {
      readonly kind: "collected";
      readonly effect: EffectId;
      readonly taken: readonly string[];
      readonly missing: readonly string[];
      readonly missingRequired: readonly string[];
    }
  | { readonly kind: "timer-fired"; readonly effect: EffectId }
  /** `place`: its number in the inbox, from 1; absent where it came from the terminal. */
  | { readonly kind: "word-received"; readonly word: Word; readonly place?: number }
  | { readonly kind: "interrupted"; readonly by: string; readonly reason: string }
  /** The journal can not be written: forward motion ends, the way back does not need it. */
  | { readonly kind: "journal-lost"; readonly why: string }
  | {
      readonly kind: "undo-intended";
      readonly effect: EffectId;
      readonly group: UndoGroup;
      readonly fields: readonly string[];
    }
  /** Traffic was tried for a while and is not back. It is tried on; everything else goes back beside it from now on. */
  | { readonly kind: "undo-stalled"; readonly undo: EffectId }
  | {
      readonly kind: "undo-finished";
      readonly effect: EffectId;
      readonly group: UndoGroup;
      readonly results: readonly UndoResult[];
    }
  | {
      readonly kind: "secured";
      readonly effect: EffectId;
      readonly certain: boolean;
      readonly how: string;
    }
  /** The fields of the plan that no intent names were read: what was begun, and is in no line of the journal, shows there. */
  | {
      readonly kind: "searched";
      readonly effect: EffectId;
      /** Begun, by what is there now; each counts as an intent from here on, with an unknown outcome. */
      readonly actions: readonly string[];
      /** What shows that lines are lost, in words; empty where nothing does. */
      readonly why: string;
      /** Values that could not be read: that they were never set is the journal's word alone. */
      readonly left: readonly UndoResult[];
    }
  | { readonly kind: "superseded"; readonly byEpoch: number };

/** What the machine decided: journalled for readers, ignored by replay, which decides the same again. */
export type Note =
  | { readonly kind: "started" }
  | { readonly kind: "stage-started"; readonly stage: string; readonly share: Percent | null }
  | { readonly kind: "soak-started"; readonly stage: string; readonly soak: number }
  /** The runner left, because a guard watches: nothing was undone, and nothing goes on until somebody takes over. */
  | { readonly kind: "detached"; readonly by: string; readonly reason: string }
  | { readonly kind: "soak-restarted"; readonly stage: string; readonly why: string }
  | {
      readonly kind: "gate-judged";
      readonly gate: string;
      readonly outcome: Outcome;
      readonly detail: string;
    }
  /** How a comparison with stable stands that is not settled yet: after 1, 2, 4, 8 … looks. */
  | {
      readonly kind: "compared";
      readonly place: "gate" | "trigger";
      readonly condition: string;
      readonly detail: string;
    }
  | {
      readonly kind: "triggered";
      readonly trigger: string;
      readonly does: "rollback" | "hold";
      readonly detail: string;
    }
  | { readonly kind: "warned"; readonly trigger: string; readonly detail: string }
  | { readonly kind: "paged"; readonly trigger: string; readonly detail: string }
  | { readonly kind: "held"; readonly hold: Hold }
  | { readonly kind: "resumed"; readonly hold: string; readonly by: string }
  /** What lies in the inbox and is no word was passed over, up to this place. */
  | { readonly kind: "word-skipped"; readonly place: number; readonly why: string }
  | { readonly kind: "word-refused"; readonly by: string; readonly why: string }
  /** One of several that are needed: `missing` says who else. */
  | {
      readonly kind: "word-counted";
      readonly about: string;
      readonly by: string;
      readonly missing: string;
    }
  | {
      readonly kind: "gate-overridden";
      readonly gate: string;
      readonly by: readonly string[];
      readonly reason: string;
    }
  /** `problem`: why it was not run to its end; null when it was. */
  | {
      readonly kind: "playbook-finished";
      readonly playbook: string;
      readonly problem: string | null;
    }
  | { readonly kind: "stage-passed"; readonly stage: string }
  | { readonly kind: "stopping"; readonly cause: Cause }
  | { readonly kind: "rolling-back"; readonly cause: Cause }
  | { readonly kind: "stepped-down"; readonly share: Percent }
  /** What is written into the evidence next: its path in the folder of the rollout, and its SHA-256. */
  | { readonly kind: "capture-taken"; readonly path: string; readonly sha256: string }
  /** A value did not go back at this try: it is written again for up to `left` milliseconds. Values are shown redacted. */
  | {
      readonly kind: "undo-retried";
      readonly field: string;
      readonly label: string;
      readonly wanted: string;
      /** Null when it could not be read. */
      readonly found: string | null;
      readonly why: string;
      /** What a person can run meanwhile. */
      readonly byHand: readonly string[];
      readonly left: Millis;
    }
  /** A signal that changes nothing: the way back is under way already. */
  | { readonly kind: "signalled"; readonly by: string; readonly reason: string }
  | { readonly kind: "restored" }
  | { readonly kind: "verified" }
  /** What became of a message or record about an earlier event. No decision: the outbox tells, and nothing depends on it. */
  | ({ readonly kind: "delivered" } & Told)
  | ({ readonly kind: "not-delivered"; readonly why: string; readonly tries: number } & Told);

/** One message, about one event, to one place. */
export interface Told {
  /** The line of `on:`. */
  readonly reaction: string;
  /** The event, as epoch and number: `1.17`. */
  readonly of: string;
  /** The connection; `run` for a command, `record` for a file of evidence. */
  readonly to: string;
  /** What the sink goes on with: ids, never secrets. */
  readonly receipt: Readonly<Record<string, string>>;
}
