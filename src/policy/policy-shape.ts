import { z } from "zod";

import { nameText, duration, share } from "../plan/schema/scalars.ts";

const roles = z.array(nameText).min(1, "this names nobody");
const quorum = z.record(nameText, z.int().min(1));

/** The keys of a policy with a plain value. */
export const policyShape = {
  apiVersion: z.literal("canary/v1").describe("the version of the policy language"),
  kind: z.literal("Policy").describe("what this file is"),
  stop: roles
    .optional()
    .describe("the roles of which any one person may stop a rollout; without it every role"),
  defaultTier: nameText
    .optional()
    .describe("the tier of a plan that states none; without it the highest"),
  changedSince: z
    .string()
    .regex(/^[^-\s][^\s]*$/u, "this is no git revision, write one like origin/main or v1.4.0")
    .optional()
    .describe("the git revision since which paths count as changed; without it --changed-since"),
  override: quorum
    .optional()
    .describe("who, and how many, may let a stage pass without a gate; without it nobody"),
  resume: quorum
    .optional()
    .describe("who, and how many, may resume after a trigger; without it anybody"),
  unlock: quorum
    .optional()
    .describe("who, and how many, may halt a rollout where it is; without it anybody"),
  playbook: quorum
    .optional()
    .describe("who, and how many, may run a playbook's changes; without it anybody in `people`"),
  approvalsHold: duration.optional().describe("how long an approval holds at most; without it 7d"),
};

/** The sections of a policy, in the order in which they are best written. */
export const policySections = {
  people: "who there is, by name: keys and roles",
  tiers: "what a start has to bring along, by tier, from the lowest to the highest",
  checks: "checks and confirmations that tiers and paths ask for, by name, as in a plan",
  paths: "what is asked for when these paths of the repository have changed",
  freeze: "times in which nothing starts",
  allow: "what plans may reach; what is not listed here may be anything",
  tasks: "what has to be done after a rollback, by name",
} as const;

export type PolicySection = keyof typeof policySections;

const publicKey = z
  .string()
  .regex(
    /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+={0,2}(?: .*)?$/u,
    "this is no public SSH key, write a line of a .pub file: ssh-ed25519 AAAA…",
  );

export const personShape = {
  key: z
    .union([publicKey, z.array(publicKey).min(1)])
    .optional()
    .describe("public SSH key, or several; `canary key` prints your own"),
  token: z
    .string()
    .regex(
      /^\$\{(?:env|file):[^}]+\}$/u,
      "a token is a reference, write ${env:NAME} or ${file:/path}",
    )
    .optional()
    .describe("reference to the bearer token for the HTTP kill switch: ${env:NAME}"),
  roles: z.array(nameText).describe("what this person is: council, steward, ops"),
};

const asks = {
  checks: z.array(nameText).optional().describe("checks and confirmations that must be good"),
  approvals: quorum.optional().describe("who has to approve, and how many of them: { council: 2 }"),
};

export const tierShape = {
  ...asks,
  soak: duration.optional().describe("the least soak of every stage"),
  monitor: duration.optional().describe("the least soak of all stages at the last share together"),
  firstShare: share.optional().describe("the most that the first stage may have"),
  stages: z.int().min(1).optional().describe("the fewest stages"),
  notice: duration
    .optional()
    .describe("how long before the start customers are told, by a check of kind `announced`"),
};

export const pathShape = {
  tier: nameText.optional().describe("the least tier; it never lowers one"),
  ...asks,
};

const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/u,
    "this is no time, write 2026-12-24T00:00Z, or 2026-12-24 for the begin of that day in UTC",
  );

export const freezeShape = {
  name: z.string().min(1).describe("what people read"),
  from: instant.optional().describe("its begin: 2026-12-24, or 2026-12-24T16:00+01:00"),
  to: instant.optional().describe("its end, which is not in it"),
  weekly: z.string().optional().describe("every week: Fri 16:00 - Mon 08:00"),
  zone: z.string().optional().describe("the time zone of `weekly`; without it UTC"),
  tiers: z.array(nameText).min(1).optional().describe("only for these tiers; without it for all"),
  unless: quorum.optional().describe("whose approvals let a rollout start all the same"),
};

const names = z.array(z.string().min(1));

export const allowShape = {
  contexts: names.optional().describe("contexts of kubectl connections"),
  hosts: names.optional().describe("hosts of addresses; *.example.com is every host below it"),
  binaries: names.optional().describe("programs that are run"),
};

export const taskShape = {
  task: z.string().min(1).describe("what has to be done"),
  by: nameText
    .optional()
    .describe("the role that says it is done; without it anybody of the policy"),
  within: duration.describe("how long after the rollback"),
};
