import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";

import type { WallTime } from "../core/units.ts";
import { reachDisk, readDisk } from "../evidence/reach-disk.ts";
import { readPlainFile } from "../evidence/read-plain-file.ts";
import { isRolloutId } from "../evidence/rollout-id.ts";
import { makeFolder } from "../evidence/write-file.ts";
import { codeOf, storeError } from "./store-error.ts";

/** Where a rollout of this user keeps its records, so that `abort` finds it from any folder. */
export interface KnownRollout {
  readonly id: string;
  /** Absolute path of the folder that holds `<id>/…`. */
  readonly evidence: string;
  /** The address of the shared store that holds its journal, without a password; absent where its evidence does. */
  readonly store?: string;
  /** The plan's name. */
  readonly plan: string;
  readonly at: WallTime;
}

const INDEX = "rollouts.ndjson";

/** Does not wait for a reader where a pipe lies in its place. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Adds a rollout, synced. Processes may do so at once; a relative `evidence` is resolved. Throws when it cannot be written. */
export async function rememberRollout(folder: string, rollout: KnownRollout): Promise<void> {
  const { id, plan, at, store } = rollout;
  const evidence = resolve(rollout.evidence);
  const line = JSON.stringify({ v: 1, id, evidence, store, plan, at: new Date(at).toISOString() });
  const path = join(folder, INDEX);
  try {
    await reachDisk(folder);
    await makeFolder(folder, 0o700);
    const file = await open(path, APPEND, 0o600);
    try {
      // One write, so that lines of two processes do not mix; the newline in front ends a line that a crash cut.
      await file.appendFile(`\n${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storeError(error, "add the rollout to", path);
  }
}

/** All rollouts of the index, newest first, each once with what was said last. Lines that are none are left out. */
export async function knownRollouts(folder: string): Promise<readonly KnownRollout[]> {
  const known = new Map((await readIndex(folder)).map((rollout) => [rollout.id, rollout]));
  return [...known.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

/** Every folder that the index ever named for a rollout: an abort from its bundle may have made a second one. */
export async function placesOfRollout(folder: string, id: string): Promise<readonly string[]> {
  const lines = (await readIndex(folder)).filter((rollout) => rollout.id === id);
  return [...new Set(lines.map(({ evidence }) => evidence))];
}

async function readIndex(folder: string): Promise<readonly KnownRollout[]> {
  const path = join(folder, INDEX);
  let text: string;
  try {
    text = await readDisk(folder, () => readPlainFile(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw storeError(error, "read", path);
  }
  return text
    .split("\n")
    .map(parseLine)
    .filter((rollout) => rollout !== null);
}

function parseLine(line: string): KnownRollout | null {
  if (line === "") return null;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    const { id, evidence, store, plan, at } = value as Partial<Record<string, unknown>>;
    const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
    if (typeof id !== "string" || !isRolloutId(id) || Number.isNaN(time)) return null;
    if (typeof evidence !== "string" || !isAbsolute(evidence)) return null;
    if (typeof plan !== "string") return null;
    return { id, evidence, ...(typeof store === "string" ? { store } : {}), plan, at: time };
  } catch {
    return null;
  }
}
