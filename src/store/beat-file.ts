import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { readPlainFile } from "../evidence/read-plain-file.ts";
import { codeOf } from "./store-error.ts";

/** Always as many bytes, so that a new count replaces the old one in one write, without a moment of emptiness. */
const WIDTH = 16;

/** Writes the heartbeat counter of an epoch; not synced. Takes no new space after the first time: the disk may be full. */
export async function writeBeat(folder: string, epoch: number, counter: number): Promise<void> {
  // Nor does it wait for somebody to read a pipe that lies there.
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(pathOf(folder, epoch), flags, 0o644);
  try {
    await file.write(String(counter).padStart(WIDTH, "0"), 0);
  } finally {
    await file.close();
  }
}

/** The heartbeat counter of an epoch; 0 before the first beat. */
export async function readBeat(folder: string, epoch: number): Promise<number> {
  try {
    return Number(await readPlainFile(pathOf(folder, epoch)));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}

/** Whether a file of a rollout's folder is a heartbeat. */
export function isBeat(name: string): boolean {
  return /^\.beat\.\d+$/u.test(name);
}

function pathOf(folder: string, epoch: number): string {
  return join(folder, `.beat.${epoch}`);
}
