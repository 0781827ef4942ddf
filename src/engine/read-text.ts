import { readFile } from "node:fs/promises";

/** Reads a text file as a whole; null when there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** Reads from the file system of this host. */
export const readText: ReadText = async (path) => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
};
