import type { Person, Quorum, Role, Task } from "../core/governance.ts";
import type { Check } from "../core/plan.ts";
import type { Millis, Percent, WallTime } from "../core/units.ts";

/** A policy file, read and checked: who may do what, and what a start has to bring along. */
export interface Policy {
  /** The path as it was given. */
  readonly file: string;
  readonly people: Readonly<Record<string, Person>>;
  readonly stop: readonly Role[];
  /** From the lowest to the highest. */
  readonly tiers: readonly Tier[];
  /** The tier of a plan that states none. */
  readonly defaultTier: string;
  /** Checks and confirmations that tiers and paths ask for, by name. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly paths: readonly PathRule[];
  /** The git revision since which paths count as changed; null: the command line says it. */
  readonly changedSince: string | null;
  readonly freeze: readonly Freeze[];
  readonly allow: Allow;
  readonly override: Quorum | null;
  readonly resume: Quorum | null;
  readonly unlock: Quorum | null;
  readonly playbook: Quorum | null;
  readonly tasks: readonly Task[];
  /** How long an approval holds, at most. */
  readonly approvalsHold: Millis;
}

/** What is asked for, by a tier or by a changed path. */
export interface Asks {
  /** Names of checks and confirmations. */
  readonly checks: readonly string[];
  readonly approvals: Quorum;
}

export interface Tier extends Asks {
  readonly name: string;
  /** The least soak of every stage. */
  readonly soak: Millis;
  /** The least soak of all stages at the last share together. */
  readonly monitor: Millis;
  /** The most that the first stage may send to the new version; null: any. */
  readonly firstShare: Percent | null;
  /** The fewest stages. */
  readonly stages: number;
  /** How long before the start customers are told; 0: they need not be. */
  readonly notice: Millis;
}

/** A rule for paths of the repository: whoever changes them needs at least this tier, and these besides. */
export interface PathRule extends Asks {
  readonly pattern: string;
  /** Null: whatever tier the plan has. */
  readonly tier: string | null;
}

/** A time in which nothing starts. */
export interface Freeze {
  readonly name: string;
  readonly when:
    | { readonly kind: "between"; readonly from: WallTime; readonly to: WallTime }
    /** Minutes since Monday 00:00 in the time zone; `to` before `from` goes over the end of the week. */
    | {
        readonly kind: "weekly";
        readonly text: string;
        readonly from: number;
        readonly to: number;
        readonly zone: string;
      };
  /** Only for these tiers; empty: for all. */
  readonly tiers: readonly string[];
  /** Whose approvals let a rollout start all the same; null: nobody's. */
  readonly unless: Quorum | null;
}

/** What plans may reach; null: anything. */
export interface Allow {
  readonly contexts: readonly string[] | null;
  readonly hosts: readonly string[] | null;
  readonly binaries: readonly string[] | null;
}
