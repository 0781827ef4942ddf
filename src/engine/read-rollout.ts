import { join } from "node:path";

import type { Event } from "../core/event.ts";
import { isNote } from "../core/is-note.ts";
import type { Plan } from "../core/plan.ts";
import { replay } from "../core/replay.ts";
import type { State } from "../core/state.ts";
import { step } from "../core/step.ts";
import { parseJournal, type JournalLine } from "../evidence/journal-line.ts";
import type { EpochLines, Store } from "../store/store.ts";
import type { JournalEntry } from "./ports.ts";
import { presumedIntents } from "./presumed-intents.ts";
import { readText, type ReadText } from "./read-text.ts";

export interface RolloutRead {
  readonly plan: Plan;
  readonly digest: string;
  /** What could be read, and behind the lines of a damaged epoch the intents that it may have lost. */
  readonly entries: readonly JournalEntry[];
  readonly state: State;
  /** Highest epoch that was claimed. */
  readonly epoch: number;
  /** The exact last line, for the chain. */
  readonly lastLine: string | null;
  readonly problems: readonly string[];
  /** Epochs whose claim could not be read: who owned them, and whether one was an end, nobody knows. */
  readonly unclaimed: readonly number[];
}

/** Why there is nothing to read. */
export interface NoRollout {
  readonly missing: string;
  readonly began: boolean;
}

/** Reads plan and journals of a rollout and replays them. `missing` says why there is nothing to read. */
export async function readRollout(
  store: Store,
  evidence: string,
  rollout: string,
  read: ReadText = readText,
): Promise<RolloutRead | NoRollout> {
  return replayEpochs(await store.read(rollout), store, evidence, rollout, read);
}

/**
 * Reads a rollout again and again, as one does who follows it: while its journals have not grown, what was read of them
 * stands. A journal only grows, so its length and its last line say whether it did.
 */
export function rolloutReader(
  store: Store,
  evidence: string,
  rollout: string,
  read: ReadText = readText,
): () => Promise<RolloutRead | NoRollout> {
  let seen = "";
  let known: RolloutRead | null = null;
  return async () => {
    const epochs = await store.read(rollout);
    const now = JSON.stringify(
      epochs.map(({ epoch, lines, torn }) => [epoch, lines.length, lines.at(-1), torn]),
    );
    if (known !== null && now === seen) return known;
    const whole = await replayEpochs(epochs, store, evidence, rollout, read);
    known = "missing" in whole ? null : whole;
    seen = now;
    return whole;
  };
}

async function replayEpochs(
  epochs: readonly EpochLines[],
  store: Store,
  evidence: string,
  rollout: string,
  read: ReadText,
): Promise<RolloutRead | NoRollout> {
  if (epochs.length === 0)
    return { missing: `no rollout ${rollout} in ${store.where}`, began: false };
  const stored = await readPlan(join(evidence, rollout, "plan.json"), read);
  if (stored === null)
    return {
      missing: `the plan.json of rollout ${rollout} is gone or cut: abort with --bundle`,
      began: true,
    };
  const { entries, problems, state } = foldEpochs(stored.plan, epochs);
  const last = epochs.at(-1);
  return {
    ...stored,
    entries,
    state,
    epoch: last?.epoch ?? 0,
    lastLine: last?.lines.at(-1) ?? null,
    problems,
    unclaimed: unclaimedOf(epochs, entries),
  };
}

function foldEpochs(
  plan: Plan,
  epochs: readonly EpochLines[],
): Pick<RolloutRead, "entries" | "problems" | "state"> {
  const entries: JournalEntry[] = [];
  const problems: string[] = [];
  const fold = openFold(plan);
  let before = 0;
  for (const { epoch, lines, torn } of epochs) {
    const parsed = parseJournal<Event>(lines);
    const wrong = parsed.problems.map((problem) => `epoch ${epoch}: ${problem}`);
    if (lines.length === 0) problems.push(`epoch ${epoch}: ${torn ?? "its journal is empty"}`);
    else if (torn !== null) problems.push(`epoch ${epoch}: its last line is torn`);
    for (const line of parsed.entries) {
      const entry = entryOf(line);
      if (fold.take(entry)) entries.push(entry);
      else wrong.push(`epoch ${epoch}: line number ${line.seq} is not what its kind says`);
    }
    problems.push(...wrong);
    const follows = epoch === before + 1;
    if (!follows) problems.push(`journals between epoch ${before} and ${epoch} are gone`);
    // Lines that are whole, linked and numbered have lost nothing between them.
    if (!follows || wrong.length > 0 || lines.length === 0) {
      const seen = { epoch, lines, follows, wrong: wrong.length };
      const presumed = presumedIntents(plan, entries, seen);
      for (const entry of presumed) fold.take(entry);
      entries.push(...presumed);
    }
    before = epoch;
  }
  return { entries, problems, state: fold.state() };
}

/**
 * Folds entry by entry. A line may be JSON and still not be what its kind says, as after a flipped bit: it is told, and
 * must not keep an abort from everything behind it.
 */
function openFold(plan: Plan): { take(entry: JournalEntry): boolean; state(): State } {
  let state = replay(plan, []);
  return {
    take(entry) {
      if (isNote(entry.event)) return true;
      if (entry.event.kind === "claimed" && !isClaim(entry.event)) return false;
      try {
        state = step(plan, state, entry).state;
        return true;
      } catch {
        return false;
      }
    },
    state: () => state,
  };
}

/** Who owns an epoch, and whether it is an end, everything else goes by. */
function isClaim({ owner, end }: { readonly owner: unknown; readonly end: unknown }): boolean {
  const isEnd = typeof end === "object" && (end === null || "kind" in end);
  return isEnd && typeof owner === "object" && owner !== null;
}

function entryOf({ at, mono, epoch, event, seq, actor }: JournalLine<Event>): JournalEntry {
  return { at: Date.parse(at), mono, epoch, event, seq, actor };
}

function unclaimedOf(
  epochs: readonly EpochLines[],
  entries: readonly JournalEntry[],
): readonly number[] {
  const claims = entries.filter(({ event }) => event.kind === "claimed");
  const claimed = new Set(claims.map(({ epoch }) => epoch));
  return epochs.map(({ epoch }) => epoch).filter((epoch) => !claimed.has(epoch));
}

async function readPlan(
  path: string,
  read: ReadText,
): Promise<{ plan: Plan; digest: string } | null> {
  const text = await read(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as { plan: Plan; digest: string };
  } catch {
    return null;
  }
}
