import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { UsageError } from "../usage-error.ts";
import { runGit } from "./run-git.ts";

/** The name of a policy file that is found without `--policy`. */
const POLICY_FILE = "canary.policy.yaml";

export interface FoundPolicy {
  /** A path, or `origin/main:canary.policy.yaml`. */
  readonly path: string;
  readonly text: string;
}

/**
 * The policy in force: that of `--policy` or `CANARY_POLICY`; else that of the repository's base branch, so that a change
 * of the policy does not count before it is merged; else the nearest file, upward from here or from the plan. Null: none.
 */
export async function findPolicy(
  option: string | undefined,
  planPath: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundPolicy | null> {
  const stated = option ?? env["CANARY_POLICY"];
  if (stated !== undefined && stated !== "") return readStated(stated);
  const folders = [process.cwd(), dirname(resolve(planPath))];
  for (const folder of new Set(folders)) {
    const found = (await onBaseBranch(folder)) ?? (await upward(folder));
    if (found !== null) return found;
  }
  return null;
}

async function readStated(path: string): Promise<FoundPolicy> {
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the policy ${path} cannot be read: ${why}`, "name a file that is there");
  }
}

async function onBaseBranch(folder: string): Promise<FoundPolicy | null> {
  const branch = await runGit(folder, ["rev-parse", "--abbrev-ref", "origin/HEAD"]);
  if (branch === null) return null;
  const path = `${branch.trim()}:${POLICY_FILE}`;
  const text = await runGit(folder, ["show", path]);
  return text === null ? null : { path, text };
}

async function upward(from: string): Promise<FoundPolicy | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, POLICY_FILE);
    try {
      return { path, text: await readFile(path, "utf8") };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
        throw new UsageError(`the policy ${path} cannot be read: ${String(error)}`);
    }
    if (dirname(folder) === folder) return null;
  }
}
