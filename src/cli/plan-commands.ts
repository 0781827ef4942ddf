import type { CommandSpec } from "./command-spec.ts";
import {
  byOption,
  evidenceOption,
  jsonOption,
  outputOptions,
  planOptions,
  policyOptions,
  sandboxOption,
} from "./option-specs.ts";

/** The commands that work on plan files and run nothing. */
export const planCommands: readonly CommandSpec[] = [
  {
    name: "lint",
    group: "write plans",
    args: "[plans...]",
    summary: "check plans and policies, and say what to write instead",
    details:
      "Shows every problem at once, each with its place, a code that stays the same, and the fix. Runs and reads nothing else. " +
      "Required parameters take their `example`. Warnings alone exit 0.",
    options: [...planOptions, jsonOption],
    examples: ["canary lint plans/*.yaml", "canary lint canary.policy.yaml"],
    load: async () => (await import("./commands/lint.ts")).lint,
  },
  {
    name: "plan",
    group: "write plans",
    args: "[plan]",
    summary: "show every command that a plan will run, and its undo; runs nothing",
    details:
      "Per stage, with timeouts and total time. Required parameters take their `example`. For metrics with a `confidence` it says " +
      "what each stage can find and prove, and when, and warns where a stage is too short or too small. Under a policy it says " +
      "the tier, whose words are asked for and who may give them, freezes, and what else stands in the way; it exits 0 all the " +
      "same, and 2 where the policy is wrong. The digest is the one that approvals are for.",
    options: [
      ...planOptions,
      sandboxOption,
      ...policyOptions,
      { flags: "--requests <n>", about: "the expected requests per second of both versions" },
      {
        flags: "--event-rate <share>",
        about:
          "the part of stable's requests that are events: 0.1% (default: each metric's `baseline`)",
      },
      { flags: "--measure", about: "asks the metrics how busy stable is now, instead" },
      jsonOption,
    ],
    examples: [
      "canary plan plans/quickstart.yaml",
      "canary plan checkout.yaml --requests 100 --event-rate 0.1%",
    ],
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  {
    name: "doctor",
    group: "write plans",
    args: "[plan]",
    summary: "ask everything that a start would ask first; changes nothing",
    details:
      "The preflight's checks, the permissions of every action and of its undo, every value that would be changed, every " +
      "metric, where the evidence would lie, and the policy. Exits 20, or 22 where only the policy says no. Waits for no person.",
    options: [...planOptions, sandboxOption, evidenceOption, ...policyOptions, jsonOption],
    examples: ["canary doctor checkout.yaml --set version=v1.4.0"],
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "announce",
    group: "write plans",
    args: "[plan]",
    summary: "tell people beforehand what the plan's checks of kind `announced` ask for",
    details:
      "Sends each such message to its `to`, records when each place took it, and tells nobody twice. The check then lets the " +
      "rollout start when it was early enough. Exits 20 when a place did not take it.",
    options: [
      ...planOptions,
      { flags: "--message <name>", about: "only this message" },
      {
        flags: "--at <time>",
        about: "when the rollout is planned, for ${event.time}: 2026-12-01T10:00Z",
      },
      { flags: "--again", about: "tells also whom it was told already" },
      { flags: "--sandbox <url>", about: "the sandbox that the plan is about" },
      evidenceOption,
      byOption,
      jsonOption,
    ],
    examples: ["canary announce plan.yaml --set version=v2.1.0 --at 2026-12-01T10:00Z"],
    load: async () => (await import("./commands/announce.ts")).announce,
  },
  {
    name: "rehearse",
    group: "write plans",
    args: "[plan]",
    summary: "run a plan in virtual time against a script; touches nothing",
    details:
      "Without a scenario everything is healthy and every confirmation is given, by as many people as are asked for. Exits " +
      "with the code of the end. Under a policy it says whose words a start would wait for, and plays them as if given; it " +
      "exits 22 where no word could let the plan start. A freeze and overdue tasks are of today: they are said, and do not stop it.",
    options: [
      ...planOptions,
      ...policyOptions,
      { flags: "--scenario <file>", about: "what goes wrong, and when" },
      ...outputOptions,
    ],
    examples: ["canary rehearse plans/quickstart.yaml"],
    load: async () => (await import("./commands/rehearse.ts")).rehearsePlan,
  },
];
