import type { Word } from "../core/event.ts";
import type { Quorum } from "../core/governance.ts";
import type { Plan } from "../core/plan.ts";
import type { WallTime } from "../core/units.ts";
import { digestPlan } from "../plan/digest.ts";
import { judgeApprovals } from "./approval-problems.ts";
import { describeFreeze, freezesInForce } from "./freeze-in-force.ts";
import { governPlan } from "./govern-plan.ts";
import { leastProblems } from "./least-problems.ts";
import type { Freeze, Policy } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";
import { reachProblems } from "./reach-problems.ts";
import { tierOf, type Changes } from "./tier-of.ts";

/** What is known when a start is judged. */
export interface PolicyFacts {
  readonly changes: Changes;
  readonly now: WallTime;
  /** The scale of the plan's durations; 1 for a real start. */
  readonly timeScale: number;
  /** What earlier rollouts of the plan owe and should have been done by now: the task, and the command for it. */
  readonly overdue: readonly { readonly text: string; readonly command: string }[];
  /** Words that were given before the start. */
  readonly given: readonly Word[];
  /** The command by which somebody confirms: `canary confirm NAME --plan …`. */
  readonly command: string;
}

export interface Evaluated {
  /** The plan with what the policy asks for. */
  readonly plan: Plan;
  readonly digest: string;
  readonly tier: string;
  /** Why it is of this tier, a sentence each. */
  readonly because: readonly string[];
  /** The freezes in force, in words; `unless`: whose approvals let it start all the same. */
  readonly freezes: readonly { readonly text: string; readonly unless: Quorum | null }[];
  /** The given words that count. */
  readonly words: readonly Word[];
  /** Everything that keeps it from starting; `isMissingWord` marks what people can still say while a start waits. */
  readonly problems: readonly (PolicyProblem & { readonly isMissingWord: boolean })[];
}

/** Judges a plan by a policy: all problems at once, each with what to do. Pure. */
export function evaluatePolicy(plan: Plan, policy: Policy, facts: PolicyFacts): Evaluated {
  const { now, timeScale } = facts;
  const tiered = tierOf(policy, plan.about.tier, facts.changes);
  const freezes = freezesInForce(policy.freeze, tiered.tier.name, now);
  const excused = freezes.filter(({ unless }) => unless !== null);
  const governed = governPlan(plan, policy, tiered, excused);
  const digest = digestPlan(governed.plan);
  const approved = judgeApprovals(facts.given, {
    plan: governed.plan,
    digest,
    rollout: null,
    now,
    command: facts.command,
  });
  const firm = [
    ...tiered.problems,
    ...governed.problems,
    ...facts.overdue.map(({ text, command }) => ({
      rule: "tasks",
      message: `an earlier rollout of this plan still owes ${text}`,
      fix: `when it is done: ${command}`,
    })),
    ...freezeProblems(freezes),
    ...leastProblems(plan, tiered.tier, timeScale),
    ...reachProblems(plan, policy.allow),
  ];
  return {
    plan: governed.plan,
    digest,
    tier: tiered.tier.name,
    because: tiered.because,
    freezes: freezes.map((freeze) => ({ text: describeFreeze(freeze), unless: freeze.unless })),
    words: approved.words,
    problems: [
      ...firm.map((problem) => ({ ...problem, isMissingWord: false })),
      ...approved.problems.map((problem) => ({ ...problem, isMissingWord: true })),
    ],
  };
}

/** A freeze that people can let a rollout through is asked about like any other confirmation. */
function freezeProblems(freezes: readonly Freeze[]): readonly PolicyProblem[] {
  return freezes
    .filter(({ unless }) => unless === null)
    .map((freeze) => ({
      rule: "freeze",
      message: `nothing starts now: ${describeFreeze(freeze)}`,
      fix: "start after it",
    }));
}
