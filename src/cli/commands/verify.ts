import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { verifyEvidence, type Verification } from "../../evidence/verify.ts";
import { findRollout } from "../find-rollout.ts";
import { newestPlace } from "../known-evidence.ts";
import { print, printJson } from "../print.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly evidence?: string;
  readonly trust?: readonly string[];
  readonly json?: boolean;
}

/** Checks the evidence of a rollout. Exit 50 when it is incomplete or was changed. */
export async function verify(args: readonly string[], options: Options): Promise<number> {
  const folder = await folderOf(args[0], options.evidence);
  const result = await verifyEvidence(folder, options.trust ?? []);
  if (options.json === true) printJson({ folder, ...result });
  else print(shown(folder, result));
  return result.ok ? 0 : 50;
}

/** A folder anywhere, or a rollout by its id, or the newest. */
async function folderOf(given: string | undefined, evidence: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (given.includes("/") || existsSync(join(given, "plan.json"))) {
      if (!existsSync(given)) throw new UsageError(`there is no folder ${given}`);
      return resolve(given);
    }
    const place = await findRollout(given, evidence);
    return join(place.evidence, place.id);
  }
  const newest = await newestPlace(evidence);
  if (newest === undefined)
    throw new UsageError("no rollout is known here", "canary verify path/to/evidence/ID");
  return join(newest.evidence, newest.id);
}

function shown(folder: string, { ok, findings, files, lines, signedBy }: Verification): string {
  const head = ok
    ? `verified: ${basename(folder)} is complete and unchanged`
    : `NOT VERIFIED: the evidence of ${basename(folder)} is incomplete or was changed`;
  return [
    head,
    `  ${files} files, ${lines} journal lines in ${dirname(folder)}`,
    ...signedBy.map((keyid) => `  signed by key ${keyid}`),
    ...(signedBy.length === 0 ? ["  signed by nobody"] : []),
    ...findings.map(({ kind, path, what }) => `  ${kind}: ${path}: ${what}`),
  ].join("\n");
}
