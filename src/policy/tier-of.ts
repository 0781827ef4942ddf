import type { Quorum } from "../core/governance.ts";
import { matchesGlob } from "./glob.ts";
import { mergeQuorums } from "./merge-quorums.ts";
import type { PathRule, Policy, Tier } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";

/** What has changed in the repository. Where nobody knows, every path counts as changed. */
export type Changes =
  | { readonly kind: "known"; readonly since: string; readonly paths: readonly string[] }
  | { readonly kind: "unknown"; readonly why: string };

/** The tier of a rollout, and all that is asked for because of it and of the paths that changed. */
export interface Tiered {
  readonly tier: Tier;
  /** Why, a sentence each. */
  readonly because: readonly string[];
  readonly checks: readonly string[];
  readonly approvals: Quorum;
  readonly problems: readonly PolicyProblem[];
}

/** Finds the tier: what the plan says, raised by the paths that changed; nothing lowers it. */
export function tierOf(policy: Policy, stated: string | null, changes: Changes): Tiered {
  const names = policy.tiers.map(({ name }) => name);
  const problems: PolicyProblem[] = [];
  const said = stated !== null && names.includes(stated);
  if (stated !== null && !said)
    problems.push({
      rule: "tier",
      message: `the plan is of tier ${stated}, which the policy does not have`,
      fix: `write about: { tier: … } with one of ${names.join(", ")}`,
    });
  let tier = said ? stated : policy.defaultTier;
  const because = [said ? `the plan says so` : `a plan without a known tier is ${tier}`];
  const rules = policy.paths.filter((rule) => hits(rule, changes) !== null);
  for (const rule of rules) {
    if (rule.tier === null || names.indexOf(rule.tier) <= names.indexOf(tier)) continue;
    tier = rule.tier;
    because.push(`${hits(rule, changes) ?? ""}: ${rule.pattern} asks for ${rule.tier}`);
  }
  const found = policy.tiers.find(({ name }) => name === tier);
  if (found === undefined) throw new Error(`the policy has no tier ${tier}`);
  return {
    tier: found,
    because,
    checks: [...new Set([...found.checks, ...rules.flatMap((rule) => rule.checks)])],
    approvals: mergeQuorums([found.approvals, ...rules.map((rule) => rule.approvals)]),
    problems,
  };
}

/** Why a rule for paths counts, in words; null when it does not. */
function hits({ pattern }: PathRule, changes: Changes): string | null {
  if (changes.kind === "unknown") return changes.why;
  const path = changes.paths.find((each) => matchesGlob(each, pattern));
  return path === undefined ? null : `${path} has changed since ${changes.since}`;
}
