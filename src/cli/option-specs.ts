import type { OptionSpec } from "./command-spec.ts";

/** Options that several commands share, each described once. */
export const planOptions: readonly OptionSpec[] = [
  { flags: "--plan <file>", about: "the plan, instead of the argument" },
  { flags: "--set <k=v>", about: "sets a parameter of the plan; repeatable", many: true },
];

export const sandboxOption: OptionSpec = {
  flags: "--sandbox [url]",
  about: "works against the sandbox at this address, or against one that is started for it",
};

export const evidenceOption: OptionSpec = {
  flags: "--evidence <dir>",
  about: "the folder that holds the evidence of rollouts (default: evidence)",
};

export const jsonOption: OptionSpec = {
  flags: "--json",
  about: "prints one JSON document",
};

export const outputOptions: readonly OptionSpec[] = [
  {
    flags: "--output <form>",
    about: "human, plain or ndjson (default: human on a terminal, else plain)",
    choices: ["human", "plain", "ndjson"],
  },
  { flags: "--json", about: "the same as --output ndjson" },
];

export const reasonOption: OptionSpec = {
  flags: "--reason <text>",
  about: "why, for the journal",
};

export const byOption: OptionSpec = {
  flags: "--by <name>",
  about: "who says so, for the journal (default: the CI's actor, else user@host)",
};

export const policyOption: OptionSpec = {
  flags: "--policy <file>",
  about:
    "the policy (default: CANARY_POLICY, canary.policy.yaml of the base branch, or the nearest one)",
};

/** What a policy needs to know about a plan before its start. */
export const policyOptions: readonly OptionSpec[] = [
  policyOption,
  {
    flags: "--approvals <dir>",
    about: "the folder of confirmations given before the start (default: approvals)",
  },
  {
    flags: "--changed-since <revision>",
    about: "the git revision that is live: paths that differ from it count as changed",
  },
];

export const keyOption: OptionSpec = {
  flags: "--key <file>",
  about: "signs with this SSH key, where there is a policy (default: CANARY_KEY, or canary's own)",
};
