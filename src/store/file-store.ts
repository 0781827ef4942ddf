import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isRolloutId } from "../evidence/rollout-id.ts";
import { syncFolder } from "../evidence/write-file.ts";
import { createAppender, type Appender } from "./appender.ts";
import { splitLines } from "./split-lines.ts";
import type { EpochLines, LockResult, Store } from "./store.ts";
import { targetFileName } from "./target-file-name.ts";

const JOURNAL = /^journal\.(\d+)\.ndjson$/u;
const WORD = /^(\d+)\.json$/u;

/**
 * Keeps rollouts in folders: `<root>/<rollout>/journal.<epoch>.ndjson`, its `inbox/`, and claims on targets in
 * `<root>/targets/`. A claim is a synced file that gets its name by `link`, which only one process can win.
 * Needs a local file system; on a network one, names are not exclusive and a sync is no promise.
 */
export function createFileStore(root: string): Store {
  const appenders = new Map<string, Appender>();
  const folderOf = (rollout: string): string => join(root, rollout);
  const journalOf = (rollout: string, epoch: number): string =>
    join(folderOf(rollout), `journal.${epoch}.ndjson`);
  return {
    where: root,
    async claim(rollout, epoch, firstLine) {
      await mkdir(folderOf(rollout), { recursive: true });
      const made = await createOnly(folderOf(rollout), journalOf(rollout, epoch), `${firstLine}\n`);
      if (!made) return "taken";
      await syncFolder(root);
      appenders.set(journalOf(rollout, epoch), await createAppender(journalOf(rollout, epoch)));
      return "claimed";
    },
    async append(rollout, epoch, lines) {
      const appender = appenders.get(journalOf(rollout, epoch));
      if (appender === undefined)
        throw new Error(`epoch ${epoch} of rollout ${rollout} was not claimed by this process`);
      if (lines.length > 0) await appender.append(lines);
    },
    async read(rollout) {
      const epochs = await numbered(folderOf(rollout), JOURNAL);
      const texts = epochs.map((epoch) => readFile(journalOf(rollout, epoch), "utf8"));
      return (await Promise.all(texts)).map((text, index): EpochLines => ({
        epoch: epochs[index] ?? 0,
        ...splitLines(text),
      }));
    },
    lastEpoch: async (rollout) => (await numbered(folderOf(rollout), JOURNAL)).at(-1) ?? 0,
    list: async () => (await names(root)).filter(isRolloutId).toSorted().toReversed(),
    post: (rollout, word) => postWord(join(folderOf(rollout), "inbox"), word),
    async inbox(rollout, from) {
      const folder = join(folderOf(rollout), "inbox");
      const numbers = (await numbered(folder, WORD)).slice(from);
      return Promise.all(numbers.map((number) => readFile(join(folder, `${number}.json`), "utf8")));
    },
    beat: (rollout, epoch, counter) =>
      writeFile(join(folderOf(rollout), `.beat.${epoch}`), String(counter)),
    readBeat: (rollout, epoch) => readCounter(join(folderOf(rollout), `.beat.${epoch}`)),
    lock: (target, rollout, after) => lockTarget(join(root, "targets"), target, rollout, after + 1),
  };
}

/** Makes a file with its whole content under a name that must be free; false when it is taken. */
async function createOnly(folder: string, path: string, text: string): Promise<boolean> {
  const temporary = join(folder, `.${randomBytes(8).toString("hex")}.claim`);
  const file = await open(temporary, "wx", 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await link(temporary, path);
    await syncFolder(folder);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function postWord(folder: string, word: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (;;) {
    const next = ((await numbered(folder, WORD)).at(-1) ?? 0) + 1;
    if (await createOnly(folder, join(folder, `${next}.json`), word)) return;
  }
}

async function lockTarget(
  folder: string,
  target: string,
  rollout: string,
  n: number,
): Promise<LockResult> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${targetFileName(target)}.${n}`);
  if (await createOnly(folder, path, `${rollout} ${target}\n`)) return { kind: "held" };
  const text = await readFile(path, "utf8");
  return { kind: "taken", holder: text.split(" ", 1)[0] ?? "", n };
}

/** The numbers in the names of a folder that match, rising; none for a folder that is not there. */
async function numbered(folder: string, pattern: RegExp): Promise<readonly number[]> {
  const found = (await names(folder)).flatMap((name) => {
    const digits = pattern.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return found.toSorted((a, b) => a - b);
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

async function readCounter(path: string): Promise<number> {
  try {
    return Number(await readFile(path, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return 0;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
