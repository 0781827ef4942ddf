import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { Word } from "../../core/event.ts";
import { parseWord } from "../../engine/parse-word.ts";
import { writeFileAtomic } from "../../evidence/write-file.ts";
import { UsageError } from "../usage-error.ts";

/** The folder of approvals that was asked for, or the usual one. */
export function approvalsFolder(option: string | undefined): string {
  return resolve(option ?? "approvals");
}

/** The words of every `*.json` below a folder; what is no word of canary's is passed over. No folder is no word. */
export async function readApprovals(folder: string): Promise<readonly Word[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new UsageError(`the approvals in ${folder} cannot be read: ${String(error)}`);
  }
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => parseWord(text) ?? []);
}

/** Keeps a word that was given before a start; a later one of the same person takes its place. Gives the path. */
export async function writeApproval(folder: string, word: Word): Promise<string> {
  const digest = word.proof?.digest.slice(0, 12) ?? "unsigned";
  const path = join(folder, digest, `${word.check ?? "word"}.${word.by}.json`);
  await writeFileAtomic(path, `${JSON.stringify(word, null, 2)}\n`);
  return path;
}
