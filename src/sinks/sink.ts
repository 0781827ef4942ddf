import type { z } from "zod";

import type { Reaction, ReactionEvent } from "../core/reaction.ts";
import type { Millis, Percent, WallTime } from "../core/units.ts";
import type { HttpPort } from "../drivers/http.ts";

/** Something that happened, as people and their systems are told. No text of it holds a secret: all of it was redacted. */
export interface Notice {
  /** Unique over all rollouts, and the same at each try and after a takeover: the idempotency key. */
  readonly key: string;
  readonly event: ReactionEvent;
  /** False where no line of `on` asks for it: what is open is closed, and nothing is told. */
  readonly asked: boolean;
  readonly at: WallTime;
  readonly rollout: string;
  readonly plan: string;
  readonly owner: string | null;
  /** By name: dashboards, the runbook. */
  readonly links: Readonly<Record<string, string>>;
  /** One line. */
  readonly subject: string;
  /** One or several lines, as the plan's message has them. */
  readonly text: string;
  readonly tone: "info" | "good" | "warn" | "bad";
  /** Nothing goes on, or nothing is safe, until a person looks. */
  readonly needsPerson: boolean;
  /** What a person was needed for is over: a hold, or the rollout. */
  readonly isOver: boolean;
  /** The rollout is over. */
  readonly isEnd: boolean;
  readonly stage: StageNotice | null;
  /** The head of the journal then: whoever keeps it is a witness for `canary verify`. Absent in a rehearsal. */
  readonly head?: string;
  /** The stages so far and to come, for messages that show the whole. */
  readonly progress: readonly StageNotice[];
}

export interface StageNotice {
  readonly name: string;
  readonly share: Percent | null;
  readonly state: "to come" | "running" | "passed" | "rolled back" | "stopped";
  /** Null before it began. */
  readonly began: WallTime | null;
}

/** What a sink must know to go on with what it sent before: ids, never secrets. It is journalled, and survives a takeover. */
export type Receipt = Readonly<Record<string, string>>;

/** How one try went. A receipt takes the place of the one before; without one that stays. */
export type Delivery =
  | { readonly kind: "delivered"; readonly receipt?: Receipt }
  /** Not now: no answer, an overload, a rate limit. `after` is what the other side asked to wait. */
  | {
      readonly kind: "again";
      readonly why: string;
      readonly after: Millis | null;
      readonly receipt?: Receipt;
    }
  /** Trying again would change nothing: a wrong token, a channel that does not exist. */
  | { readonly kind: "refused"; readonly why: string; readonly receipt?: Receipt };

export interface SinkContext<C> {
  /** The connection's config with its secrets resolved. */
  readonly config: C;
  /** The reaction's keys that belong to this sink. */
  readonly options: Reaction["options"];
  readonly http: HttpPort;
  /** Aborted when the try is to end: it has taken too long, or the process leaves. */
  readonly signal: AbortSignal;
  /** Empty before the first delivery of the rollout. */
  readonly receipt: Receipt;
  readonly now: () => WallTime;
}

/**
 * A place where messages and records go. It is told what happened and answers how that went; it never retries by itself,
 * never throws for what can go wrong outside, and holds no state but its receipt.
 */
export interface SinkDriver<C = unknown> {
  /** The connection type: `slack`. */
  readonly type: string;
  readonly description: string;
  readonly config: z.ZodType<C>;
  /** Keys of `config` that are credentials, and so references. */
  readonly secrets: readonly string[];
  /** Keys of a reaction that only this sink has; null where there are none. */
  readonly options: z.ZodType | null;
  /**
   * When what it left open is closed, also where no reaction says so: an incident when its `reason` is over, a record of the
   * rollout at its `end`. Null where nothing is left open, or only a person may close it.
   */
  readonly closes: "reason" | "end" | null;
  deliver(notice: Notice, context: SinkContext<C>): Promise<Delivery>;
}

/** The entry of a receipt that says that something is open: see `closes`. */
export const OPEN = "open";
