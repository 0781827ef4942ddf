import type { Changes } from "../../policy/tier-of.ts";
import { runGit } from "./run-git.ts";

/**
 * The paths that differ between a revision (or several) and the files that lie here, by git, relative to the root of the
 * repository. Where it cannot be known, every path counts.
 */
export async function changedPaths(revisions: readonly string[], folder: string): Promise<Changes> {
  if (revisions.length === 0)
    return {
      kind: "unknown",
      why: "what changed is unknown: name what is live with --changed-since REVISION",
    };
  const paths: string[] = [];
  for (const revision of revisions) {
    const text = await runGit(folder, [
      "diff",
      "--name-only",
      "--no-renames",
      "-z",
      revision,
      "--",
    ]);
    if (text === null)
      return { kind: "unknown", why: `what changed is unknown: git finds no ${revision} here` };
    paths.push(...text.split("\0").filter((path) => path !== ""));
  }
  return { kind: "known", since: revisions.join(" and "), paths: [...new Set(paths)].toSorted() };
}
