import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Word } from "../../core/event.ts";
import { parseWord } from "../../engine/parse-word.ts";
import { makeFolder, writeFileAtomic } from "../../evidence/write-file.ts";
import { owedTasks, type OwedTask } from "../../policy/owed-tasks.ts";
import type { Place } from "../known-evidence.ts";
import { readRolloutAt } from "../read-rollout-at.ts";

/**
 * What people said about a rollout after its end lies beside its evidence, which is sealed by then; each word is signed by
 * itself.
 */
function folderOf({ evidence, id }: Place): string {
  return join(evidence, "follow-ups", id);
}

/** The tasks that a rollout left, each with who has done it. */
export async function tasksOf(place: Place): Promise<readonly OwedTask[]> {
  const { plan, digest, entries } = await readRolloutAt(place);
  const words = await readWords(folderOf(place));
  return owedTasks({ plan, digest, rollout: place.id, entries, words });
}

/** Keeps somebody's word that a task is done. */
export async function writeFollowUp(place: Place, word: Word): Promise<string> {
  const folder = folderOf(place);
  await makeFolder(folder, 0o755);
  const path = join(
    folder,
    `${word.check ?? "task"}.${word.by.replaceAll(/[^\w@.-]/gu, "_")}.json`,
  );
  await writeFileAtomic(path, `${JSON.stringify(word, null, 2)}\n`);
  return path;
}

/** What people said about a rollout beside it. */
export function followUpWords(place: Place): Promise<readonly Word[]> {
  return readWords(folderOf(place));
}

async function readWords(folder: string): Promise<readonly Word[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => parseWord(text) ?? []);
}
