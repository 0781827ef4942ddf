import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";

import { diskError } from "./disk-error.ts";

/** Opening a pipe waits for somebody to write to it, for ever: this does not. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Reads a text file as a whole. Throws with the code `ENOTFILE` where a pipe, a device or a folder lies in its place. */
export async function readPlainFile(path: string): Promise<string> {
  const file = await open(path, FLAGS);
  try {
    refuseOther(path, await file.stat());
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** The same, for who cannot wait. */
export function readPlainFileSync(path: string): string {
  const file = openSync(path, FLAGS);
  try {
    refuseOther(path, fstatSync(file));
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function refuseOther(path: string, found: Stats): void {
  if (!found.isFile())
    throw diskError("ENOTFILE", `${path} is no file: a pipe, a device or a folder is in its place`);
}
