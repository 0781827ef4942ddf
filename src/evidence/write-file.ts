import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { reachDisk } from "./reach-disk.ts";

/**
 * Writes a file as a whole: a reader sees the old one or the new one, and after a crash it is there when this answered.
 * Makes the folders above it. `mode` is exact, whatever the umask; absent, it is 0644. A symbolic link under that name is
 * replaced, not followed.
 */
export async function writeFileAtomic(
  path: string,
  text: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const folder = dirname(path);
  await reachDisk(folder);
  await makeFolder(folder);
  const temporary = join(folder, `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    // Nobody else may read it while it is written: the mode is widened only when the content is complete.
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.chmod(options.mode ?? 0o644);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Makes a folder and those above it, durably. Several processes may do so at once. `mode` counts for new ones. Not Node's
 * own `recursive`: on a file system that refuses new folders with ENOENT (/proc) it never comes back.
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const path = resolve(folder);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (!isMissing(error)) throw error;
    if (!(await isFolder(above))) await makeFolder(above, mode);
    // Also where the one above is there: somebody else may just have made it.
    await mkdir(path, { mode }).catch(async (again: unknown) => {
      if (!(await isFolder(path))) throw again;
    });
  }
  await syncFolder(dirname(path));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
