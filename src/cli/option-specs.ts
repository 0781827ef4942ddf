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
