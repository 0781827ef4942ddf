import type { Governance, Quorum } from "../core/governance.ts";
import type { Check, Plan } from "../core/plan.ts";
import { describeFreeze } from "./freeze-in-force.ts";
import { mergeQuorums } from "./merge-quorums.ts";
import type { Freeze, Policy } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";
import type { Tiered } from "./tier-of.ts";

export interface Governed {
  /** The plan with what the policy asks for: its checks and confirmations stand in the preflight. */
  readonly plan: Plan;
  readonly problems: readonly PolicyProblem[];
}

/**
 * Puts what the policy asks for into a plan, so that it is a part of what is digested, approved, run and kept. `freezes` are
 * those in force that people can let it through.
 */
export function governPlan(
  plan: Plan,
  policy: Policy,
  tiered: Tiered,
  freezes: readonly Freeze[],
): Governed {
  const through = mergeQuorums(freezes.map(({ unless }) => unless ?? {}));
  const frozen = `start in spite of ${freezes.map(describeFreeze).join(" and ")}`;
  const approvals = [
    ...approvalChecks(tiered.approvals, "approval", "approve this rollout"),
    ...approvalChecks(through, "freeze", frozen),
  ];
  const named = tiered.checks.flatMap((name) => policy.checks[name] ?? []);
  const added = [...named, ...approvals];
  const taken = added.filter(({ name }) => Object.hasOwn(plan.checks, name));
  const checks = Object.fromEntries(added.map((check) => [check.name, check]));
  return {
    plan: {
      ...plan,
      checks: { ...plan.checks, ...checks },
      preflight: [...new Set([...plan.preflight, ...added.map(({ name }) => name)])],
      governance: governanceOf(policy, tiered),
    },
    problems: taken.map(({ name }) => ({
      rule: "checks",
      message: `the plan has a check ${name} of its own, and the policy asks for one of that name`,
      fix: `rename the plan's, or leave it out: the policy brings ${name} along`,
    })),
  };
}

/** What a policy says about a rollout of this tier from its start on. */
export function governanceOf(policy: Policy, { tier, because }: Tiered): Governance {
  const { people, stop, override, resume, unlock, playbook, tasks, approvalsHold } = policy;
  return {
    tier: tier.name,
    because,
    people,
    stop,
    override,
    resume,
    ...(unlock === null ? {} : { unlock }),
    ...(playbook === null ? {} : { playbook }),
    approvalsHold,
    tasks,
  };
}

/** The confirmation by which a role approves. */
export function approvalChecks(quorum: Quorum, prefix: string, question: string): readonly Check[] {
  return Object.entries(quorum).map(([role, count]) => ({
    name: `${prefix}-${role}`,
    driver: "confirm",
    connection: null,
    input: { question, by: role, count, valid: null },
    interval: null,
    initialDelay: 0,
    timeout: 10_000,
    failureThreshold: 1,
    successThreshold: 1,
    retries: 0,
    as: null,
  }));
}
