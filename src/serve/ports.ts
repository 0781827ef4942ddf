import type { AuditEvent } from "./audit-event.ts";
import type { Recorded } from "./open-audit.ts";
import type { SpentTokens } from "./spent-tokens.ts";
import type { Token } from "./token.ts";

/** A rollout that is active: what can be aborted. */
export interface ActiveRollout {
  readonly id: string;
  readonly plan: string;
  /** The parameter `version` of its plan; null where it has none, or where it can not be read. */
  readonly version: string | null;
}

/** What became of an abort within the time that an answer waits for it. */
export type Handed =
  /** The rollout is taken over; `ended` gives the exit code later. */
  | { readonly kind: "claimed"; readonly ended: Promise<Ended> }
  /** It runs, and its claim was not seen yet. */
  | { readonly kind: "pending"; readonly ended: Promise<Ended> }
  | ({ readonly kind: "ended" } & Ended);

export interface Ended {
  /** As of `canary abort`; null when it could not be run. */
  readonly exit: number | null;
  /** The end of what it said. */
  readonly said: string;
}

/** The rollouts of this machine, as the HTTP interface needs them. */
export interface Rollouts {
  /** Rollouts without an end, newest first. Rejects when they can not be listed. */
  readonly active: () => Promise<readonly ActiveRollout[]>;
  /** `canary abort` of one rollout, in a process of its own: it goes on when the server is stopped. */
  readonly abort: (rollout: string, reason: string, by: string) => Promise<Handed>;
  /** How a rollout stands; null when there is none of that id or version. Without either: those that are active. */
  readonly status: (ask: Ask) => Promise<unknown>;
  /** The newest value of each metric, from the journal; null as above. */
  readonly metrics: (ask: Ask) => Promise<unknown>;
}

export interface Ask {
  readonly rollout: string | null;
  readonly version: string | null;
}

/** What answering a request needs. */
export interface ServePorts {
  /** Read anew for each request, so that a token that was revoked is refused at once. */
  readonly tokens: () => Promise<readonly Token[]>;
  /** Who may abort. */
  readonly roles: readonly string[];
  /** Reading needs no token. */
  readonly openReads: boolean;
  readonly rollouts: Rollouts;
  /** Adds a line to the audit trail; null when it was only counted. */
  readonly record: (event: AuditEvent, by: string) => Promise<Recorded | null>;
  readonly spent: SpentTokens;
  readonly now: () => number;
  /** Words for the log of the server. */
  readonly say: (text: string) => void;
}
