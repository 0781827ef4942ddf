import { exitCode } from "../core/ending.ts";
import type { State } from "../core/state.ts";
import { composeRecords } from "./compose.ts";
import { rolledBackElsewhere } from "./ended-elsewhere.ts";
import type { Place } from "./known-evidence.ts";
import { readJournal } from "./read-journal.ts";

/** The state of a rollout in one word. */
export type StateWord =
  | "running"
  | "held"
  | "rolling-back"
  | "promoted"
  | "rolled-back"
  | "rollback-failed"
  | "halted"
  | "refused"
  | "unreadable";

/** A rollout in a list. Keys are only ever added. */
export interface Summary {
  readonly id: string;
  readonly plan: string;
  readonly state: StateWord;
  /** The exit code of its end; null while it has none. */
  readonly exit: number | null;
  readonly stage: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string | null;
  readonly evidence: string;
}

/** Sums a rollout up; null where nothing of it is left. Never throws: one broken folder must not hide the others. */
export async function summarize({ id, evidence }: Place): Promise<Summary | null> {
  const unknown = { id, plan: "?", exit: null, stage: null, startedAt: null, evidence };
  try {
    const read = await readJournal({ id, evidence });
    if ("missing" in read)
      return read.began || (await (await composeRecords()).hasBundle(id))
        ? { ...unknown, state: "unreadable" }
        : null;
    const first = read.entries[0];
    const isOpen = read.state.phase.kind !== "ended";
    const elsewhere = isOpen ? await rolledBackElsewhere({ id, evidence }) : null;
    return {
      id,
      plan: read.plan.name,
      ...(elsewhere === null ? stateOf(read.state) : { state: "rolled-back", exit: 31 }),
      stage: read.plan.stages[read.state.stage]?.name ?? null,
      startedAt: first === undefined ? null : new Date(first.at).toISOString(),
      evidence,
    };
  } catch {
    return { ...unknown, state: "unreadable" };
  }
}

/** The word for a state, and the exit code of its end. */
export function stateOf(state: State): { readonly state: StateWord; readonly exit: number | null } {
  const { phase } = state;
  switch (phase.kind) {
    case "ended":
      return { state: phase.end.kind, exit: exitCode(phase.end) };
    case "stopping":
    case "rolling-back":
    case "verifying":
      return { state: "rolling-back", exit: null };
    case "idle":
    case "preparing":
    case "applying":
    case "checking":
    case "observing":
    case "closing":
    case "finishing":
    case "ending":
      return { state: state.hold === null ? "running" : "held", exit: null };
  }
}
