import { exitCode } from "../../src/core/ending.ts";
import { endsOf } from "./lines.ts";
import { rules } from "./rules.ts";
import { simulate } from "./simulate.ts";
import { told } from "./told.ts";

/** What a number of runs came to. */
export interface Tally {
  runs: number;
  /** Ends by exit code; an abort after an end makes another. */
  readonly ends: Map<string, number>;
  /** Runs by what happened in them. */
  readonly faults: Map<string, number>;
  /** Runs that broke a rule, told whole. */
  readonly broken: string[];
}

/** The ends that a run may come to, by exit code: all of them must be reached, or the search misses what it is for. */
export const ENDS = ["0", "20", "30", "31", "40", "41", "42"];

/** What must befell some runs, each with what it stands for: a search that does not do it cannot find what it breaks. */
export const FAULTS = {
  crash: "kill -9",
  freeze: "freeze",
  delay: "targets: slow",
  duplicate: "targets: the same request twice",
  reorder: "targets: reordered",
  partition: "partition",
  "clock jump": "the clock jumps",
  "full disk": "store: full",
  "lost lines": "the store lost the last lines",
  race: "two aborts and a promote at once",
} as const;

export function createTally(): Tally {
  return { runs: 0, ends: new Map(), faults: new Map(), broken: [] };
}

/** Plays the run of one seed, and counts what it came to. */
export async function playSeed(tally: Tally, seed: number): Promise<void> {
  const history = await simulate(seed);
  tally.runs += 1;
  for (const { name, broken } of rules) {
    const how = broken(history);
    if (how !== null) tally.broken.push(`seed ${seed}: ${name}: ${how}\n${told(history)}`);
  }
  for (const fault of history.faults) count(tally.faults, fault, 1);
  for (const { end } of endsOf(history)) count(tally.ends, String(exitCode(end)), 1);
}

/** Adds what another counted. */
export function addTally(to: Tally, from: Tally): void {
  to.runs += from.runs;
  for (const [end, n] of from.ends) count(to.ends, end, n);
  for (const [fault, n] of from.faults) count(to.faults, fault, n);
  to.broken.push(...from.broken);
}

/** Two lines for people: how many ends and faults of each kind. */
export function showTally({ runs, ends, faults }: Tally): string {
  return `${runs} simulated rollouts; ${ends.size} ends: ${table(ends)}\n  ${faults.size} faults: ${table(faults)}\n`;
}

function count(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}

function table(counts: ReadonlyMap<string, number>): string {
  const entries = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, n]) => `${name} ${n}`).join(", ");
}
