import type { FieldValue } from "../../src/core/field.ts";
import type { MonoTime } from "../../src/core/units.ts";

/** A write as its process sent it, whatever became of it. */
export interface Sent {
  readonly at: MonoTime;
  readonly pid: number;
  readonly epoch: number;
  readonly key: string;
  readonly value: FieldValue;
}

/** What the simulation sees and no process of it does: when things reached the store and the targets, by the one true clock. */
export interface Ledger {
  readonly sent: Sent[];
  /** By process: when the store was asked for the highest epoch, and what it said. */
  readonly checks: Map<number, { readonly at: MonoTime; readonly last: number }[]>;
  /** When each line of a journal was first in the store. */
  readonly stored: Map<string, MonoTime>;
  /** When nothing went wrong any more; infinite before. */
  healed: MonoTime;
}

export function createLedger(): Ledger {
  return { sent: [], checks: new Map(), stored: new Map(), healed: Number.POSITIVE_INFINITY };
}
