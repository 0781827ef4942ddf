import { randomBytes } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import { access, open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

import { failed, ok, unknown } from "./answer.ts";
import type { Answer } from "./driver.ts";

/** How often an edit starts again because someone else wrote the file meanwhile. Nothing was written until then. */
const ATTEMPTS = 5;
/** Above this a file is none that a person edits. */
const MAX_SIZE = 1024 * 1024;

/** The text of a file, and what it was when it was read. */
export interface FileText {
  readonly text: string;
  readonly stats: BigIntStats;
}

/** The real path of a file, with every symbolic link followed: what is edited is what the link leads to. */
export async function pinFile(path: string): Promise<Answer<string>> {
  try {
    return ok(await realpath(path));
  } catch (error) {
    return failed(wordsOf(error, path));
  }
}

/** Reads a text file as a whole. Bytes that are no UTF-8 are refused, since they could not be written back. */
export async function readText(path: string): Promise<Answer<FileText>> {
  try {
    const file = await open(path, "r");
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) return failed(`${path} is no file`);
      if (stats.size > MAX_SIZE) return failed(`${path} is larger than 1 MiB`);
      const bytes = await file.readFile();
      const text = bytes.toString("utf8");
      return Buffer.from(text, "utf8").equals(bytes)
        ? ok({ text, stats })
        : failed(`${path} is no UTF-8 text`);
    } finally {
      await file.close();
    }
  } catch (error) {
    return failed(wordsOf(error, path));
  }
}

/**
 * Replaces a file by an edited copy of itself in one step: a reader sees the old one or the new one. Mode and owner stay;
 * a write by someone else in the meantime is not lost, the edit starts again from it. Nothing is written when the text
 * stays the same.
 */
export async function editFile(
  path: string,
  edit: (text: string) => Answer<string>,
  signal: AbortSignal,
): Promise<Answer<null>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (signal.aborted) return failed("interrupted before the file was written");
    const before = await readText(path);
    if (before.kind !== "ok") return before;
    const edited = edit(before.value.text);
    if (edited.kind !== "ok") return edited;
    if (edited.value === before.value.text) return ok(null);
    const answer = await replace(path, edited.value, before.value.stats);
    if (answer !== "moved") return answer;
  }
  return failed(`${path} is written by someone else all the time`);
}

/** What keeps `editFile` from working on this file; null when nothing does. Writes nothing. */
export async function editProblem(path: string): Promise<string | null> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    await access(dirname(path), constants.W_OK | constants.X_OK);
    const { nlink } = await stat(path);
    return nlink > 1
      ? `${path} has ${nlink} hard links, and replacing it would part them: keep one`
      : null;
  } catch (error) {
    return wordsOf(error, path);
  }
}

async function replace(
  path: string,
  text: string,
  before: BigIntStats,
): Promise<Answer<null> | "moved"> {
  // Replacing a read-only file needs a writable folder only: but its owner has said no.
  const problem = await editProblem(path);
  if (problem !== null) return failed(problem);
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.canary.tmp`);
  let replaced = false;
  try {
    await writeNew(temporary, text, before);
    const now = await stat(path, { bigint: true });
    if (!sameFile(now, before)) return "moved";
    await rename(temporary, path);
    replaced = true;
    const folder = await open(dirname(path), "r");
    await folder.sync().finally(() => folder.close());
    return ok(null);
  } catch (error) {
    const why = wordsOf(error, path);
    return replaced ? unknown(why) : failed(why);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeNew(path: string, text: string, like: BigIntStats): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await keepOwner(file, like);
    await file.chmod(Number(like.mode & 0o7777n));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function keepOwner(file: FileHandle, like: BigIntStats): Promise<void> {
  const own = await file.stat({ bigint: true });
  if (own.uid !== like.uid || own.gid !== like.gid)
    await file.chown(Number(like.uid), Number(like.gid));
}

function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

function wordsOf(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return `there is no file ${path}`;
    case "EACCES":
      return `${path} or its folder may not be written by this user`;
    case "EPERM":
      return `the owner of ${path} cannot be kept: run as its owner`;
    case "EROFS":
      return `${path} lies on a read-only file system`;
    case "EBUSY":
      return `${path} is a mount of its own and cannot be replaced: edit the file it is mounted from`;
    case "ENOSPC":
      return `the disk of ${path} is full`;
  }
  return error instanceof Error ? error.message : String(error);
}
