import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { Word } from "../../core/event.ts";
import { parseWord } from "../../engine/parse-word.ts";
import { readDisk } from "../../evidence/reach-disk.ts";
import { readPlainFile } from "../../evidence/read-plain-file.ts";
import { makeFolder, writeFileAtomic } from "../../evidence/write-file.ts";
import { owedTasks, type OwedTask } from "../../policy/owed-tasks.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { isStoreError } from "../stores/is-store-error.ts";
import { routeOf } from "../stores/routes.ts";
import { sharedStoreAt } from "../stores/shared-stores.ts";

/**
 * What people said about a rollout after its end lies beside its evidence, which is sealed by then, and in the inbox of its
 * shared store, so that everybody sees it; each word is signed by itself.
 */
function folderOf({ evidence, id }: Place): string {
  return join(evidence, "follow-ups", id);
}

/** The tasks that a rollout left, each with who has done it. */
export async function tasksOf(place: Place): Promise<readonly OwedTask[]> {
  const { plan, digest, entries } = await readRolloutAt(place);
  const words = await followUpWords(place);
  return owedTasks({ plan, digest, rollout: place.id, entries, words });
}

/** Keeps somebody's word that a task is done: first where all others see it. */
export async function writeFollowUp(place: Place, word: Word): Promise<string> {
  const address = routeOf(place);
  if (address !== null) await (await sharedStoreAt(address)).post(place.id, JSON.stringify(word));
  const folder = folderOf(place);
  await makeFolder(folder, 0o755);
  const path = join(
    folder,
    `${word.check ?? "task"}.${word.by.replaceAll(/[^\w@.-]/gu, "_")}.json`,
  );
  await writeFileAtomic(path, `${JSON.stringify(word, null, 2)}\n`);
  return path;
}

/** What people said about a rollout beside it, here and in its shared store; where that is silent, what is here. */
export async function followUpWords(place: Place): Promise<readonly Word[]> {
  const [here, shared] = await Promise.all([readWords(folderOf(place)), sharedWords(place)]);
  const own = new Set(shared.map((word) => JSON.stringify(word)));
  return [...shared, ...here.filter((word) => !own.has(JSON.stringify(word)))];
}

async function sharedWords(place: Place): Promise<readonly Word[]> {
  const address = routeOf(place);
  if (address === null) return [];
  try {
    const texts = await (await sharedStoreAt(address)).inbox(place.id, 0);
    return texts.flatMap((text) => parseWord(text) ?? []);
  } catch (error) {
    if (!isStoreError(error)) throw error;
    tell(`canary: ${error.message}\n  going by the words that are here`);
    return [];
  }
}

async function readWords(folder: string): Promise<readonly Word[]> {
  const names = await readDisk(folder, () => readdir(folder)).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  const texts = await Promise.all(files.map((name) => readPlainFile(join(folder, name))));
  return texts.flatMap((text) => parseWord(text) ?? []);
}
