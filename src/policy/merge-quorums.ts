import type { Quorum } from "../core/governance.ts";

/** For each role the most people that anybody asks for. */
export function mergeQuorums(all: readonly Quorum[]): Quorum {
  const roles: Record<string, number> = {};
  for (const [role, count] of all.flatMap((each) => Object.entries(each)))
    roles[role] = Math.max(count, roles[role] ?? 0);
  return roles;
}
