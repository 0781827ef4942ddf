import { join } from "node:path";

import type { Event } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { replay } from "../core/replay.ts";
import type { State } from "../core/state.ts";
import { parseJournal } from "../evidence/journal-line.ts";
import type { Store } from "../store/store.ts";
import type { JournalEntry } from "./ports.ts";
import { presumedIntents } from "./presumed-intents.ts";
import { readText, type ReadText } from "./read-text.ts";
import { factsOf } from "./run.ts";

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
}

/** Reads plan and journals of a rollout and replays them. `missing` says why there is nothing to read. */
export async function readRollout(
  store: Store,
  evidence: string,
  rollout: string,
  read: ReadText = readText,
): Promise<RolloutRead | { readonly missing: string; readonly began: boolean }> {
  const epochs = await store.read(rollout);
  if (epochs.length === 0)
    return { missing: `no rollout ${rollout} in ${store.where}`, began: false };
  const stored = await readPlan(join(evidence, rollout, "plan.json"), read);
  if (stored === null)
    return {
      missing: `the plan.json of rollout ${rollout} is gone or cut: abort with --bundle`,
      began: true,
    };
  const entries: JournalEntry[] = [];
  const problems: string[] = [];
  let before = 0;
  for (const { epoch, lines, torn } of epochs) {
    const parsed = parseJournal<Event>(lines);
    problems.push(...parsed.problems.map((problem) => `epoch ${epoch}: ${problem}`));
    if (torn !== null) problems.push(`epoch ${epoch}: its last line is torn`);
    for (const line of parsed.entries) {
      entries.push({
        at: Date.parse(line.at),
        mono: line.mono,
        epoch: line.epoch,
        event: line.event,
        seq: line.seq,
        actor: line.actor,
      });
    }
    const follows = epoch === before + 1;
    if (!follows) problems.push(`journals between epoch ${before} and ${epoch} are gone`);
    entries.push(...presumedIntents(stored.plan, entries, { epoch, lines, follows }));
    before = epoch;
  }
  const last = epochs.at(-1);
  return {
    ...stored,
    entries,
    state: replay(stored.plan, factsOf(entries)),
    epoch: last?.epoch ?? 0,
    lastLine: last?.lines.at(-1) ?? null,
    problems,
  };
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
