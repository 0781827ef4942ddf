import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { Owner } from "../core/event.ts";
import { isAlive, isSameHost, thisOwner } from "../engine/owner.ts";
import { makeFolder } from "../evidence/write-file.ts";
import { createOnly } from "../store/create-only.ts";

/**
 * Takes an audit trail for this process: two that write to one would break its chain. What a process left that is gone is
 * taken over. Gives the way to let go of it; throws, naming the process, while another one has it.
 */
export async function lockAudit(audit: string): Promise<() => Promise<void>> {
  const path = `${audit}.lock`;
  await makeFolder(dirname(path), 0o700);
  for (let tries = 0; tries < 2; tries += 1) {
    if (await createOnly(path, `${JSON.stringify(thisOwner())}\n`))
      return () => rm(path, { force: true });
    const owner = await readOwner(path);
    if (owner !== null && isSameHost(owner) && !isAlive(owner)) await rm(path, { force: true });
    else
      throw new Error(
        `another server writes the audit trail ${audit}: process ${owner?.pid ?? "?"} on ${owner?.host ?? "?"}. ` +
          `Name another with --audit, or, if it is gone, remove ${path}`,
      );
  }
  throw new Error(`another server has just taken the audit trail ${audit}: name another`);
}

async function readOwner(path: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Owner;
  } catch {
    return null;
  }
}
