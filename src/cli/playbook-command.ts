import type { CommandSpec } from "./command-spec.ts";
import {
  byOption,
  evidenceOption,
  keyOption,
  outputOptions,
  planOptions,
  policyOption,
  reasonOption,
} from "./option-specs.ts";

/** The command for what helps when something is wrong. */
export const playbookCommand: CommandSpec = {
  name: "playbook",
  group: "roll out",
  args: "<name> [rollout]",
  summary: "show what helps when something is wrong, and run it",
  details:
    "Says what may be behind it and what to do, asks what the playbook asks, shows what it would change, and then asks " +
    "whether to change it; --yes changes at once.\n" +
    "Within an active rollout its runner makes the changes, and undoes them with the rest when the rollout goes back. With " +
    "--plan and no active rollout it is a rollout of its own, which `canary abort ID --after-promoted` undoes.\n" +
    "Under a policy its changes take the signature of whom the policy names under `playbook`, else of anybody whom it knows; " +
    "where more than one is asked for, the others say the same line, or confirm.",
  options: [
    ...planOptions,
    { flags: "--look", about: "shows and asks only; changes nothing" },
    { flags: "--yes", about: "changes at once, without asking" },
    reasonOption,
    byOption,
    keyOption,
    evidenceOption,
    policyOption,
    ...outputOptions,
  ],
  examples: [
    "canary playbook dead-letters --look",
    'canary playbook kill-switch --plan plan.yaml --yes --reason "consumer leaks keys"',
    "canary playbook rate-limits --set key=k-7",
  ],
  load: async () => (await import("./commands/playbook.ts")).playbook,
};
