import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { createOnly } from "./create-only.ts";
import { codeOf } from "./store-error.ts";
import { UNREADABLE } from "./store.ts";

const WORD = /^([1-9]\d{0,8})\.json$/u;

/** A word is a line of JSON: what is longer is none, and is not read. In bytes. */
const LONGEST = 64 * 1024;

/** Words are numbered one by one. A number that is further than this behind the one before it was not given by a store. */
const GAP = 1000;

/** Trouble of this machine or this moment: the same file may be read well the next time. */
const PASSING: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOENT", "EAGAIN", "EINTR"]);

/** The numbers of the words among the names of a folder, rising. */
export function wordNumbers(names: readonly string[]): readonly number[] {
  const all = names.flatMap((name) => {
    const digits = WORD.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  const rising = all.toSorted((a, b) => a - b);
  const end = rising.findIndex((number, index) => number - (rising[index - 1] ?? 0) > GAP);
  return end === -1 ? rising : rising.slice(0, end);
}

/** Puts a word behind the last one. `names` reads the names of the folder, each time anew. */
export async function putWord(
  folder: string,
  word: string,
  names: () => Promise<readonly string[]>,
): Promise<void> {
  for (;;) {
    const next = (wordNumbers(await names()).at(-1) ?? 0) + 1;
    if (await createOnly(join(folder, `${next}.json`), word)) return;
  }
}

/**
 * Reads one word. The folder is one that others can write to: a pipe, a folder, a link, or a file that is too large or may
 * not be read keeps its place and hides no word behind it. Throws what may pass.
 */
export async function readWord(folder: string, number: number): Promise<string> {
  const path = join(folder, `${number}.json`);
  let file: FileHandle | null = null;
  try {
    // Neither waits for a writer of a pipe, nor follows a link to somewhere else.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const found = await file.stat();
    if (!found.isFile()) return `${UNREADABLE}it is no file`;
    if (found.size > LONGEST)
      return `${UNREADABLE}it has ${found.size} bytes, and a word at most ${LONGEST}`;
    return await file.readFile("utf8");
  } catch (error) {
    const code = codeOf(error);
    if (PASSING.has(code)) throw error;
    return `${UNREADABLE}${code === "ELOOP" ? "it is a link" : String(error)}`;
  } finally {
    await file?.close();
  }
}
