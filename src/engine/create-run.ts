import type { Entry } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { idle } from "../core/state.ts";
import type { Json } from "../core/units.ts";
import { createRedactor } from "../evidence/redact.ts";
import { countedLines } from "./counted-lines.ts";
import type { Engine, JournalEntry } from "./ports.ts";
import type { Run, RunOptions } from "./run.ts";

export interface RunIdentity {
  readonly rollout: string;
  readonly plan: Plan;
  readonly digest: string;
  readonly epoch: number;
}

/** Builds what one epoch works on. Outputs of earlier epochs come from the journal; secret ones are gone with their process. */
export function createRun(
  engine: Engine,
  identity: RunIdentity,
  options: RunOptions,
  entries: readonly JournalEntry[],
): Run {
  return {
    ...identity,
    engine,
    redactor: createRedactor(),
    outputs: outputsOf(entries),
    sources: new Map(),
    options,
    stopping: new Set(),
    tables: new Map(),
    restoring: new Map(),
    lostHere: new Set(),
    ahead: new Set(),
    ...countedLines(entries),
    bundle: null,
    lost: [],
    state: idle,
    head: null,
    seenEpoch: identity.epoch,
    record: () => Promise.reject(new Error("the runner of this epoch has not begun")),
    note: () => Promise.reject(new Error("the runner of this epoch has not begun")),
  };
}

function outputsOf(
  entries: readonly Entry[],
): Map<string, { readonly value: Json; readonly secret: boolean }> {
  const outputs = new Map<string, { readonly value: Json; readonly secret: boolean }>();
  for (const { event } of entries) {
    if (!("outputs" in event)) continue;
    for (const [name, value] of Object.entries(event.outputs ?? {}))
      outputs.set(name, { value, secret: false });
  }
  return outputs;
}
