import type { Millis } from "./units.ts";

/** What a person may be, as the policy names it: council, steward, ops. */
export type Role = string;

/** How many people of each role have to agree; all of its roles, and one person counts for each role held. */
export type Quorum = Readonly<Record<Role, number>>;

/** Somebody whom the policy knows. */
export interface Person {
  readonly roles: readonly Role[];
  /** Public SSH keys, as `ssh-ed25519 AAAA…`, whose signatures are this person's word. */
  readonly keys: readonly string[];
  /** A reference to the bearer token by which this person uses the HTTP kill switch: `${env:KILL_SWITCH_TOKEN}`; null without one. */
  readonly token: string | null;
}

/** What has to be done after a rollback. */
export interface Task {
  readonly name: string;
  readonly text: string;
  /** The role that says it is done; null: anybody whom the policy knows. */
  readonly by: Role | null;
  /** Counted from the end of the rollback. */
  readonly within: Millis;
}

/**
 * What a policy says about a rollout that has started. It is a part of the resolved plan, and so of its digest: whoever
 * takes the rollout over later goes by the policy that it began under.
 */
export interface Governance {
  readonly tier: string;
  /** Why this tier, a sentence each. */
  readonly because: readonly string[];
  readonly people: Readonly<Record<string, Person>>;
  /** Any one person of these roles may stop a rollout. */
  readonly stop: readonly Role[];
  /** Who may let a stage pass without one of its gates; null: nobody. */
  readonly override: Quorum | null;
  /** Who may resume after a trigger; null: whoever resumes other holds. */
  readonly resume: Quorum | null;
  /** Who may halt a rollout where it is, so that its targets are free; absent: anybody. */
  readonly unlock?: Quorum;
  /** Who may run the changes of a playbook; absent: anybody whom the policy knows. */
  readonly playbook?: Quorum;
  /** How long a signed word holds, where its confirmation does not say it. */
  readonly approvalsHold: Millis;
  /** What is owed after a rollback. */
  readonly tasks: readonly Task[];
}
