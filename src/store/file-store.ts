import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { reachDisk, readDisk } from "../evidence/reach-disk.ts";
import { readPlainFile } from "../evidence/read-plain-file.ts";
import { isRolloutId } from "../evidence/rollout-id.ts";
import { makeFolder } from "../evidence/write-file.ts";
import { createAppender, type Appender } from "./appender.ts";
import { isBeat, readBeat, writeBeat } from "./beat-file.ts";
import { createOnly } from "./create-only.ts";
import { putWord, readWord, wordNumbers } from "./inbox-folder.ts";
import { createReserve } from "./reserve.ts";
import { splitLines } from "./split-lines.ts";
import { codeOf, isFull, storeError } from "./store-error.ts";
import type { EpochLines, LockResult, Store } from "./store.ts";
import { targetFileName } from "./target-file-name.ts";
import { textOf } from "./unreachable.ts";

const JOURNAL = /^journal\.([1-9]\d{0,8})\.ndjson$/u;

/**
 * Keeps rollouts in folders: `<root>/<rollout>/journal.<epoch>.ndjson`, its `inbox/`. Claims on targets lie in `targets`,
 * which all stores of one user share, so that starts from two folders exclude each other too. A claim is a synced file that gets its name by `link`, which only one process can win.
 * Needs a local file system (see `localDiskProblem`): on a network one a sync is no promise, and names are read late.
 * Errors say what to change.
 */
export function createFileStore(root: string, targets = join(root, "targets")): Store {
  const looking = <T>(read: () => Promise<T>): Promise<T> => readDisk(root, read);
  const reached = async <T>(write: () => Promise<T>): Promise<T> => {
    await reachDisk(root);
    return write();
  };
  return {
    where: root,
    ...createWriter(root),
    read: (rollout) => looking(async () => readEpochs(folderOf(root, rollout))),
    list: () => looking(() => listRollouts(root)),
    post: (rollout, word) => reached(() => postWord(inboxOf(root, rollout), word)),
    inbox: (rollout, from) => looking(async () => readWords(inboxOf(root, rollout), from)),
    beat: (rollout, epoch, counter) =>
      reached(() => writeBeat(folderOf(root, rollout), epoch, counter)),
    readBeat: (rollout, epoch) => looking(async () => readBeat(folderOf(root, rollout), epoch)),
    tidy: (rollout) =>
      reached(() => removeWorkingFiles(folderOf(root, rollout))).catch(() => undefined),
    lock: (target, rollout, after) =>
      lockTarget(targets, target, { rollout, where: root }, after + 1),
  };
}

/** The part of the store that remembers what this process claimed. */
function createWriter(root: string): Pick<Store, "claim" | "append" | "lastEpoch"> {
  const appenders = new Map<string, Appender>();
  /** By rollout: the highest epoch that this process claimed. */
  const claimed = new Map<string, number>();
  const locate = (rollout: string, epoch: number): string =>
    join(folderOf(root, rollout), `journal.${epoch}.ndjson`);
  return {
    async claim(rollout, epoch, firstLine) {
      const path = locate(rollout, epoch);
      const text = `${firstLine}\n`;
      try {
        await reachDisk(root);
        if (!(await claimJournal(folderOf(root, rollout), path, text, epoch))) return "taken";
      } catch (error) {
        throw storeError(error, `claim epoch ${epoch} as`, path);
      }
      appenders.set(path, createAppender(path, Buffer.byteLength(text)));
      claimed.set(rollout, Math.max(epoch, claimed.get(rollout) ?? 0));
      return "claimed";
    },
    async append(rollout, epoch, lines) {
      const path = locate(rollout, epoch);
      const appender = appenders.get(path);
      if (appender === undefined)
        throw new Error(`epoch ${epoch} of rollout ${rollout} was not claimed by this process`);
      if (lines.length === 0) return;
      try {
        await appender.append(lines);
      } catch (error) {
        // Forward motion ends here; the space is for the lines of the way back.
        if (isFull(error)) await createReserve(folderOf(root, rollout)).free();
        throw storeError(error, "append to", path);
      }
    },
    async lastEpoch(rollout) {
      const folder = folderOf(root, rollout);
      const last = (await readDisk(root, () => numbered(folder, JOURNAL))).at(-1) ?? 0;
      const ours = claimed.get(rollout) ?? 0;
      // "Nobody claimed after us" must not follow from a folder that was emptied.
      if (last < ours)
        throw new Error(`journal.${ours}.ndjson of rollout ${rollout} is gone from ${root}`);
      return last;
    },
  };
}

/** The folder of a rollout; an id that is none may be a path to somewhere else. */
function folderOf(root: string, rollout: string): string {
  if (!isRolloutId(rollout))
    throw new Error(`${JSON.stringify(rollout)} is not the id of a rollout: see canary list`);
  return join(root, rollout);
}

function inboxOf(root: string, rollout: string): string {
  return join(folderOf(root, rollout), "inbox");
}

async function claimJournal(
  folder: string,
  path: string,
  text: string,
  epoch: number,
): Promise<boolean> {
  await makeFolder(folder);
  const reserve = createReserve(folder);
  try {
    const made = await createOnly(path, text);
    if (made && epoch === 1) await reserve.take();
    return made;
  } catch (error) {
    // A start needs room for all that follows; a takeover or an end may live on the reserve.
    if (epoch === 1 || !isFull(error)) throw error;
    await reserve.free();
    return await createOnly(path, text);
  }
}

async function readEpochs(folder: string): Promise<readonly EpochLines[]> {
  const epochs = await numbered(folder, JOURNAL);
  return Promise.all(
    epochs.map(async (epoch) => {
      try {
        const text = await readPlainFile(join(folder, `journal.${epoch}.ndjson`));
        return { epoch, ...splitLines(text) };
      } catch (error) {
        // No moment passes that would make it one: its lines are lost like those of a damaged journal.
        if (codeOf(error) !== "ENOTFILE") throw error;
        return { epoch, lines: [], torn: textOf(error) };
      }
    }),
  );
}

/** Newest first. A folder without a journal is a start that never came to its claim. */
async function listRollouts(root: string): Promise<readonly string[]> {
  const ids = (await names(root)).filter(isRolloutId);
  const begun = await Promise.all(
    // Not its first one: an abort from the bundle alone claims an epoch far above what it could not read.
    ids.map(async (id) => (await numbered(join(root, id), JOURNAL).catch(() => [])).length > 0),
  );
  return ids
    .filter((_, index) => begun[index])
    .toSorted()
    .toReversed();
}

async function postWord(folder: string, word: string): Promise<void> {
  try {
    await makeFolder(folder);
    await putWord(folder, word, () => names(folder));
  } catch (error) {
    throw storeError(error, "put a word into", folder);
  }
}

async function readWords(folder: string, from: number): Promise<readonly string[]> {
  const numbers = wordNumbers(await names(folder)).slice(from);
  return Promise.all(numbers.map((number) => readWord(folder, number)));
}

async function lockTarget(
  folder: string,
  target: string,
  claimant: { readonly rollout: string; readonly where: string },
  n: number,
): Promise<LockResult> {
  const path = join(folder, `${targetFileName(target)}.${n}`);
  try {
    await reachDisk(folder);
    await makeFolder(folder);
    const claim = `${JSON.stringify({ ...claimant, target })}\n`;
    if (await createOnly(path, claim)) return { kind: "held" };
    const text = await readDisk(folder, () => readPlainFile(path));
    const holder = JSON.parse(text) as typeof claimant;
    return { kind: "taken", holder: holder.rollout, n, where: holder.where };
  } catch (error) {
    throw storeError(error, `claim ${target} as`, path);
  }
}

async function removeWorkingFiles(folder: string): Promise<void> {
  const working = (await names(folder).catch((): readonly string[] => [])).filter(isBeat);
  await createReserve(folder).free();
  await Promise.all(
    working.map((name) => rm(join(folder, name), { force: true }).catch(() => null)),
  );
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
    if (codeOf(error) === "ENOENT") return [];
    throw storeError(error, "read", folder);
  }
}
