import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { makeFolder, writeFileAtomic } from "../evidence/write-file.ts";
import { stateDir } from "../store/state-dir.ts";

/** A drill whose abort brought everything back. Keys are only ever added. */
export interface DrillRecord {
  /** What was drilled: see `wayBackDigest`. */
  readonly wayBack: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly rollout: string;
  /** From the abort's claim to the last value read back. */
  readonly seconds: number;
  /** What was changed and restored, as drivers name their targets. */
  readonly targets: readonly string[];
}

/** How many are kept for a plan: what was drilled before the last changes is history. */
const MOST = 10;

/** Where the drills of a plan are written down for everybody: beside it, so that they are committed with it. */
export function drillFile(plan: string): string {
  return `${plan.replace(/\.ya?ml$/u, "")}.drills.json`;
}

/** All drills that are known of a plan, newest first: those beside it, and those of this user's machine. */
export async function readDrills(plan: string, name: string): Promise<readonly DrillRecord[]> {
  const found = await Promise.all([drillFile(plan), stateFile(name)].map(readRecords));
  const all = new Map(found.flat().map((record) => [record.rollout, record]));
  return [...all.values()].toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

/** Writes a drill down on this machine and beside its plan. Gives the file beside the plan, null when it takes none. */
export async function writeDrill(
  plan: string,
  name: string,
  record: DrillRecord,
): Promise<string | null> {
  await makeFolder(join(stateDir(), "drills"), 0o700);
  await addTo(stateFile(name), record);
  const file = drillFile(plan);
  return addTo(file, record).then(
    () => file,
    () => null,
  );
}

function stateFile(name: string): string {
  return join(stateDir(), "drills", `${name.replaceAll(/[^\w.-]/gu, "_")}.json`);
}

async function addTo(path: string, record: DrillRecord): Promise<void> {
  const drills = [record, ...(await readRecords(path))].slice(0, MOST);
  await writeFileAtomic(path, `${JSON.stringify({ v: 1, drills }, null, 2)}\n`);
}

/** What is no record counts as none: a note must not fail for it. */
async function readRecords(path: string): Promise<readonly DrillRecord[]> {
  try {
    const { drills } = JSON.parse(await readFile(path, "utf8")) as { readonly drills?: unknown };
    return Array.isArray(drills) ? drills.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is DrillRecord {
  if (typeof value !== "object" || value === null) return false;
  const { wayBack, at, by, rollout, seconds } = value as Partial<Record<string, unknown>>;
  const texts = [wayBack, at, by, rollout].every((each) => typeof each === "string");
  return texts && typeof seconds === "number";
}
