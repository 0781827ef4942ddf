import type { Event, Fact, Owner } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import type { State } from "../core/state.ts";
import { step, type Step } from "../core/step.ts";
import { createChain } from "../evidence/journal-line.ts";
import { createRun } from "./create-run.ts";
import { openJournal, type Journal } from "./journal.ts";
import type { Engine, JournalEntry } from "./ports.ts";
import type { Run, RunOptions } from "./run.ts";

type Claimed = Extract<Fact, { kind: "claimed" }>;

export interface OpenEpoch {
  readonly run: Run;
  readonly journal: Journal;
  /** The entry of the claim. */
  readonly claim: JournalEntry;
  /** What the machine wants done first. */
  readonly first: Step;
  readonly owners: readonly Owner[];
  readonly unclaimed: readonly number[];
  /** The journal of the epochs before. */
  readonly earlier: readonly JournalEntry[];
  /** How many places of the inbox earlier epochs have read. */
  readonly firstWord: number;
}

export interface EpochRequest {
  readonly rollout: string;
  readonly plan: Plan;
  readonly digest: string;
  readonly epoch: number;
  /** The last line known of the epoch before, and its number; null at a start. */
  readonly previous: { readonly seq: number; readonly line: string } | null;
  readonly mode: Claimed["mode"];
  readonly cause: Claimed["cause"];
  readonly options: RunOptions;
  /** Reads what the epochs before left; called when the claim is synced. */
  readonly earlier: () => Promise<Earlier>;
}

export interface Earlier {
  readonly entries: readonly JournalEntry[];
  readonly state: State;
  /** Epochs whose owner nobody can tell any more. */
  readonly unclaimed?: readonly number[];
}

/**
 * Claims an epoch, and only then reads what the earlier ones wrote: so either their runner sees the claim, or we see its
 * intent. `taken` when another process was first.
 */
export async function openEpoch(
  engine: Engine,
  request: EpochRequest,
): Promise<OpenEpoch | "taken"> {
  const { rollout, epoch, plan, digest } = request;
  const chain = createChain(request.previous);
  const entry: JournalEntry = {
    at: engine.clock.now(),
    mono: engine.clock.mono(),
    epoch,
    actor: engine.by,
    seq: (request.previous?.seq ?? 0) + 1,
    event: claimOf(engine, request),
  };
  const line = chain.line(entry);
  if ((await engine.store.claim(rollout, epoch, line)) === "taken") return "taken";
  const earlier = await request.earlier();
  const run = createRun(engine, { rollout, plan, digest, epoch }, request.options, earlier.entries);
  const first = step(plan, earlier.state, entry);
  run.state = first.state;
  engine.observe(entry, line);
  return {
    run,
    claim: entry,
    first,
    journal: openJournal(engine, rollout, epoch, chain, { seq: entry.seq, line }),
    earlier: earlier.entries,
    owners: earlier.entries.flatMap(({ event }) =>
      event.kind === "claimed" && event.end === null ? [event.owner] : [],
    ),
    unclaimed: earlier.unclaimed ?? [],
    firstWord: earlier.entries.reduce((last, { event }) => Math.max(last, placeOf(event)), 0),
  };
}

function claimOf(engine: Engine, request: EpochRequest): Claimed {
  return {
    kind: "claimed",
    rollout: request.rollout,
    plan: request.plan.name,
    digest: request.digest,
    mode: request.mode,
    cause: request.cause,
    by: engine.by,
    pastIrreversible: request.options.pastIrreversible,
    owner: engine.processes.self(),
    end: null,
  };
}

/** How far an event says that the inbox was read. */
function placeOf(event: Event): number {
  return event.kind === "word-received" || event.kind === "word-skipped" ? (event.place ?? 0) : 0;
}
