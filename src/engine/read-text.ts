import { dirname } from "node:path";

import { readDisk } from "../evidence/reach-disk.ts";
import { readPlainFile } from "../evidence/read-plain-file.ts";

/** Reads a text file as a whole; null when there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** Reads from the file system of this host. Neither a pipe in the file's place nor a dead mount holds it up. */
export const readText: ReadText = async (path) => {
  try {
    return await readDisk(dirname(path), () => readPlainFile(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
};
