import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { readDisk } from "./reach-disk.ts";

const NAME = /^(\d{1,9})\.(\d{1,15})\.json$/u;

/** Which lines were signed for in the folder of a rollout, by the names of the heads alone; empty where there are none. */
export async function listHeads(
  folder: string,
): Promise<readonly { readonly epoch: number; readonly seq: number }[]> {
  const names = await readDisk(folder, () => readdir(join(folder, "heads"))).catch(() => []);
  return names.flatMap((name) => {
    const [, epoch, seq] = NAME.exec(name) ?? [];
    return epoch === undefined || seq === undefined
      ? []
      : [{ epoch: Number(epoch), seq: Number(seq) }];
  });
}
