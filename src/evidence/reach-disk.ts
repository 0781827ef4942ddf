import { stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

import { diskError } from "./disk-error.ts";

/** How long a disk may take to say that a folder is there, and to read something from it, in milliseconds. */
const CONTACT = 5000;
const READ = 10_000;
/** A disk that answered within this many milliseconds is not asked again whether it does. */
const FRESH = 2000;
/**
 * Calls that may hang at once. Each of them keeps one of the few threads that all file calls of this process share: with all of
 * them gone nothing could be written any more, on whatever disk.
 */
const MOST = Math.max(1, Number(process.env["UV_THREADPOOL_SIZE"] ?? 4) - 1);

/** By folder: when its disk last answered, on this process's monotonic clock. */
const answeredAt = new Map<string, number>();
/** Folders whose disk owes an answer. */
const silent = new Map<string, number>();
/** Contacts under way: who else wants to know waits for the same answer. */
const contacts = new Map<string, Promise<unknown>>();

/** Whether a call of this process hangs: it could not leave then as a process usually does. */
export function isAnyCallHanging(): boolean {
  return silent.size > 0;
}

/** Whether the disk under a path is known to give no answer: whoever asks it without a bound hangs too. */
export function isSilentDisk(path: string): boolean {
  const whole = resolve(path);
  return [...silent.keys()].some((each) => whole === each || whole.startsWith(each + sep));
}

/** Resolves when the disk of a folder answers, whatever it says; throws when it does not: a mount whose server is gone. */
export async function reachDisk(folder: string): Promise<void> {
  const path = resolve(folder);
  if (isSilentDisk(path)) throw silence(path);
  if (performance.now() - (answeredAt.get(path) ?? -Infinity) < FRESH) return;
  const contact = contacts.get(path) ?? bounded(path, CONTACT, () => stat(path).catch(() => null));
  contacts.set(path, contact);
  await contact.finally(() => contacts.delete(path));
}

/** Reads something from the disk of a folder. Throws what the reading threw, or that there is no answer within `bound` ms. */
export async function readDisk<T>(
  folder: string,
  read: () => Promise<T>,
  bound = READ,
): Promise<T> {
  await reachDisk(folder);
  return bounded(resolve(folder), bound, read);
}

async function bounded<T>(path: string, bound: number, act: () => Promise<T>): Promise<T> {
  if (isSilentDisk(path) || (hanging() >= MOST && !answeredAt.has(path))) throw silence(path);
  const asked = act();
  const seen = { answer: false };
  const answered = asked.then(
    () => void (seen.answer = true),
    () => void (seen.answer = true),
  );
  const { promise: late, resolve: isLate } = Promise.withResolvers<void>();
  const timeout = setTimeout(isLate, bound);
  await Promise.race([answered, late.then(someTurns)]);
  clearTimeout(timeout);
  if (!seen.answer) {
    owe(path, answered);
    throw silence(path);
  }
  answeredAt.set(path, performance.now());
  return asked;
}

/** A process that stood still itself finds its time over and the answer not yet taken in. */
async function someTurns(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await nextTurn();
}

/** Nothing there is asked again until what was asked is answered. */
function owe(path: string, answered: Promise<void>): void {
  silent.set(path, (silent.get(path) ?? 0) + 1);
  void answered.then(() => {
    const left = (silent.get(path) ?? 1) - 1;
    if (left === 0) silent.delete(path);
    else silent.set(path, left);
  });
}

function hanging(): number {
  return [...silent.values()].reduce((sum, each) => sum + each, 0);
}

function silence(path: string): Error {
  return diskError("ETIMEDOUT", `the disk of ${path} gives no answer`);
}
