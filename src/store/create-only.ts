import { randomBytes } from "node:crypto";
import { link, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { syncFolder } from "../evidence/write-file.ts";
import { codeOf } from "./store-error.ts";

/**
 * Makes a file with its whole content, synced, under a name that must be free: `link` gives the name, and only one
 * process can win it. False when the name is taken, also by a link to nowhere.
 */
export async function createOnly(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomBytes(8).toString("hex")}.claim`);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  return true;
}
