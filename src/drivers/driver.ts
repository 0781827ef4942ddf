import type { z } from "zod";

import type { Change, Field, FieldValue } from "../core/field.ts";
import type { Sample } from "../core/sample.ts";
import type { Json, Millis, Percent, WallTime } from "../core/units.ts";
import type { ExecPort } from "./exec.ts";
import type { HttpPort } from "./http.ts";

/**
 * The contract of every driver. A driver is a plain object with a name, schemas and a few async functions; it holds no
 * state of its own (metric sources excepted), never retries a write by itself, never prints, and never throws for
 * something that can go wrong outside: it returns a value that says what happened.
 *
 * - Every write is absolute and idempotent ("weight = 10", never "+10") and bounded by `context.signal`.
 * - `failed` means that the target said no and nothing changed; anything less certain is `unknown`
 *   (a timeout, a cut connection, a 5xx, a killed child). Unknown is undone and read back like the rest.
 * - A driver imports `core`, this file and the ports, and never another driver.
 */
export interface DriverContext {
  readonly rollout: string;
  readonly epoch: number;
  /** Aborted when the effect is interrupted or its timeout is over. */
  readonly signal: AbortSignal;
  readonly exec: ExecPort;
  readonly http: HttpPort;
  /** The connection's validated config with its secrets resolved; empty where the driver needs none. */
  readonly connection: Readonly<Record<string, Json>>;
  /** Replaces `${env:X}`, `${file:/x}`, `${outputs.x}`, `${rollout.x}`, `${stage.x}` in a text at the time of use. */
  readonly resolve: (text: string) => string;
  now(): WallTime;
  /** Waits on the runner's clock; rejects when `signal` aborts. */
  sleep(ms: Millis): Promise<void>;
}

/** The mark of the fence in a target: which rollout and epoch wrote last. */
export interface Mark {
  readonly rollout: string;
  readonly epoch: number;
}

/** One field as it is now. `mark` is null where the target carries none or cannot carry one. */
export interface Reading {
  readonly field: Field;
  readonly value: FieldValue;
  readonly mark: Mark | null;
}

/** How a driver call ended, when it did not bring what was asked for. */
export interface Failure {
  /** `refused`: the fence or a precondition of the target said no; `approval`: change-controlled, a person must approve there. */
  readonly kind: "failed" | "unknown" | "refused" | "approval";
  readonly why: string;
}

export type Answer<T> = { readonly kind: "ok"; readonly value: T } | Failure;

/** What an action's call gave back; `body` is what its `outputs` are taken from. */
export interface CallResult {
  readonly body: Json;
}

/** One line of `canary plan`: the command or request, as a person would type it. Secrets stay references. */
export interface Preview {
  readonly does: string;
  readonly undo: string;
}

export interface Request<I> {
  readonly input: I;
  /** The share a traffic action sets; null elsewhere. */
  readonly share: Percent | null;
  readonly connectionName: string | null;
}

/** Why a driver has no such key, and what to write instead. */
export interface Refusal {
  readonly why: string;
  readonly fix: string;
}

/**
 * A change. With `style` `fields` the driver reads and writes fields and the undo is the captured value;
 * with `style` `call` it is one call whose undo the plan states.
 */
export interface ActionDriver<I> {
  /** The verb that keys the action in a plan: `set-image`. */
  readonly kind: string;
  readonly description: string;
  /** Connection types it works on; empty when it needs none. */
  readonly connections: readonly string[];
  /** Whether it may stand under `traffic:`. */
  readonly traffic: boolean;
  readonly input: z.ZodType<I>;
  /** Keys that its likes have and it cannot: why, and what to write instead. Shown at the line, and in the docs. */
  readonly refuses?: Readonly<Record<string, Refusal>>;
  style(input: I): "fields" | "call";
  preview(request: Request<I>): readonly Preview[];
  /** The fields it would write and their values, targets pinned by UID. Reads only. Empty for style `call`. */
  changes(request: Request<I>, context: DriverContext): Promise<Answer<readonly Change[]>>;
  /** Reads fields as they are now; fields that are gone read as absent. */
  read(fields: readonly Field[], context: DriverContext): Promise<Answer<readonly Reading[]>>;
  /**
   * Writes all changes of one target in one step where the target can, with the fence where the target carries one:
   * refused when the mark is of a higher epoch or another rollout. Also used for undo (absent removes the field).
   */
  write(changes: readonly Change[], context: DriverContext): Promise<Answer<null>>;
  /** Waits until the written values are taken up (ready Pods, observedGeneration, a reload). Reads only; can always be cut. */
  settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>>;
  /** The call itself, for style `call`. */
  call(request: Request<I>, context: DriverContext): Promise<Answer<CallResult>>;
  /**
   * Raises the mark of the fence on the target of these fields to `context.epoch` without changing them, so that a late
   * write of an earlier epoch is refused there. Absent where targets carry no mark.
   */
  fence?(fields: readonly Field[], context: DriverContext): Promise<Answer<null>>;
  /** Takes the mark off again, at the end of a rollout: what did not exist before is gone again. */
  release?(fields: readonly Field[], context: DriverContext): Promise<Answer<null>>;
  /**
   * The input of the same action switched off: what a kill sets where nobody knows what was there before; null where this one switches
   * nothing on. Absent where only the value before says what off is. Under `traffic`, off is a share of 0.
   */
  off?(input: I): object | null;
  /** The whole driver, with its texts, where this is only what a way back loads first. */
  whole?(): Promise<ActionDriver<unknown>>;
  /** Missing permissions for the action and for its undo, in words; empty when all is granted. Reads only. */
  permissions(request: Request<I>, context: DriverContext): Promise<readonly string[]>;
}

/** A source of metrics. One is opened for each connection and rollout and may keep history (scrapes, file offsets). */
export interface MetricSource<Q> {
  /** Asks once. Never throws; a timeout is `error`. `window` is the metric's, or that of `over`. */
  sample(query: Q, window: Millis, context: DriverContext): Promise<Sample>;
  close(): void;
}

export interface MetricDriver<C, Q> {
  /** The connection type: `prometheus`. */
  readonly type: string;
  readonly description: string;
  readonly config: z.ZodType<C>;
  /** The metric's keys beside name, connection, unit, minSamples, window, baseline, maxAge, timeout. */
  readonly query: z.ZodType<Q>;
  /** How far back one answer looks, read from the query; null when the query does not say. Throws nothing. */
  window(query: Q): Millis | null;
  /** `bad`/`good` with `total` gives a ratio; null when the plan must state the unit. */
  unit(query: Q): "ratio" | "count" | null;
  /**
   * How `over` reaches the source: where `${window}` stands in the query, or not at all. Absent where the source computes
   * each window itself, and therefore needs one wherever `window` gives null.
   */
  readonly over?: "placeholder" | "ignored";
  /** Whether the observations behind this query's value are counted, for `minSamples`; absent where they always are. */
  counts?(query: Q): boolean;
  /** What is wrong with the query text itself (a PromQL syntax error), in words with an offset where known. */
  lint(
    query: Q,
  ): readonly { readonly message: string; readonly key: string; readonly offset: number | null }[];
  open(config: C): MetricSource<Q>;
  /**
   * Opens it as of the past, for a backtest: each answer is what the source's own records say of `context.now()`, which is
   * never after `until`. Absent where the source only knows now.
   */
  openPast?(config: C, until: WallTime): MetricSource<Q>;
}

export type CheckResult =
  | {
      readonly kind: "pass";
      readonly detail: string;
      readonly body: string;
      /** What outputs are taken from; without it the body. */
      readonly answer?: string;
    }
  | { readonly kind: "fail"; readonly detail: string; readonly body: string }
  /** The check could not be made: blind, not red. */
  | { readonly kind: "error"; readonly detail: string; readonly body: string };

/** What the steps of one check leave for each other: where a log ended when the check began, how far it was read. */
export type CheckMemory = Map<string, unknown>;

export interface CheckDriver<I> {
  /** The key that makes a check of this kind: `http`, `run`, `kubectl`, `log`. */
  readonly kind: string;
  readonly description: string;
  readonly connections: readonly string[];
  /** Which of `connections` this input goes through; absent: any of them. */
  needs?(input: I): readonly string[];
  readonly input: z.ZodType<I>;
  preview(input: I): string;
  /** Missing permissions, in words, before anything is changed. Reads only; absent where the check itself is the answer. */
  permissions?(input: I, context: DriverContext): Promise<readonly string[]>;
  /** As a step of a check: asked of every step before the first one is made, to note how things were then. */
  begin?(input: I, context: DriverContext, memory: CheckMemory): Promise<void>;
  /** `memory` is that of the check whose step this is; without one it is a check of its own. */
  run(input: I, context: DriverContext, memory?: CheckMemory): Promise<CheckResult>;
}

export type EvidenceResult =
  /** Bytes are kept as they are: nothing can be taken out of a picture. */
  | { readonly kind: "taken"; readonly content: string | Uint8Array }
  | { readonly kind: "missing"; readonly why: string };

export interface EvidenceDriver<I> {
  readonly kind: string;
  readonly description: string;
  readonly connections: readonly string[];
  /** Which of `connections` this input goes through; absent: any of them. */
  needs?(input: I): readonly string[];
  readonly input: z.ZodType<I>;
  preview(input: I): string;
  /** Missing permissions, in words, before anything is changed. Reads only. */
  permissions?(input: I, context: DriverContext): Promise<readonly string[]>;
  take(input: I, context: DriverContext): Promise<EvidenceResult>;
}
