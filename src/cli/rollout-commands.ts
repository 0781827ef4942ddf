import type { CommandSpec } from "./command-spec.ts";
import {
  byOption,
  evidenceOption,
  jsonOption,
  keyOption,
  outputOptions,
  planOptions,
  policyOptions,
  reasonOption,
} from "./option-specs.ts";

const words = [reasonOption, byOption, keyOption, evidenceOption];

/** The commands that start, stop, watch and talk to rollouts. */
export const rolloutCommands: readonly CommandSpec[] = [
  {
    name: "abort",
    group: "roll out",
    args: "[rollout]",
    summary: "stop all forward motion and roll back, from any terminal",
    details:
      "Takes the rollout over and rolls it back itself: the runner need not be alive. Without an id it acts " +
      "if exactly one rollout is active. It never asks.",
    options: [
      reasonOption,
      byOption,
      evidenceOption,
      ...outputOptions,
      { flags: "--all", about: "aborts every rollout that is active, all at the same time" },
      { flags: "--bundle <file>", about: "works from a rollback bundle alone" },
      {
        flags: "--plan <file>",
        about: "works from a plan alone: traffic to 0, flags off, the rest is listed (40)",
      },
      {
        flags: "--set <k=v>",
        about: "with --plan: sets a parameter of it; repeatable",
        many: true,
      },
      { flags: "--sandbox <url>", about: "with --plan: works against the sandbox at this address" },
      { flags: "--overwrite", about: "restores values too that someone else changed meanwhile" },
      { flags: "--past-irreversible", about: "undoes even past a point of no return" },
      { flags: "--after-promoted", about: "undoes a rollout that was promoted already" },
      {
        flags: "--break-glass",
        about: "says that you know the policy does not name you; an abort is never refused",
      },
    ],
    examples: [
      'canary abort --reason "checkout is slow"',
      "canary abort --bundle evidence/ID/rollback.json --reason drill",
      'canary abort --plan shop.yaml --reason "neither store nor bundle is there"',
    ],
    load: async () => (await import("./commands/abort.ts")).abort,
  },
  {
    name: "status",
    group: "roll out",
    args: "[rollout]",
    summary: "say where a rollout is, what it waits for, and what to do next",
    details: "Without an id: the rollout that is active, else the newest.",
    options: [evidenceOption, jsonOption],
    examples: ["canary status", "canary status ID --json"],
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "list",
    group: "roll out",
    args: "",
    summary: "list the rollouts that are known here, newest first",
    details: "Those of the evidence folder, and those that were started on this machine.",
    options: [evidenceOption, jsonOption],
    examples: ["canary list --json"],
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    name: "watch",
    group: "roll out",
    args: "[rollout]",
    summary: "follow a rollout that another process runs, to its end",
    details: "Only reads: leaving it changes nothing. Exits with the code of the rollout.",
    options: [evidenceOption, ...outputOptions],
    examples: ["canary watch"],
    load: async () => (await import("./commands/watch.ts")).watch,
  },
  {
    name: "hold",
    group: "roll out",
    args: "[rollout]",
    summary: "stop going forward, keep watching",
    details: "Triggers stay on. `canary resume` goes on, `canary abort` goes back.",
    options: words,
    examples: ['canary hold --reason "waiting for the database team"'],
    load: async () => (await import("./commands/words.ts")).hold,
  },
  {
    name: "resume",
    group: "roll out",
    args: "[rollout]",
    summary: "end a hold; of a rollout whose runner is gone: run it on",
    details: "The soak of the stage starts again.",
    options: [...words, ...outputOptions],
    examples: ["canary resume"],
    load: async () => (await import("./commands/resume.ts")).resume,
  },
  {
    name: "promote",
    group: "roll out",
    args: "[rollout]",
    summary: "confirm everything that the stage waits for",
    details:
      "It confirms what a person has to say; it never skips a gate. --auto stays, promotes each time that every gate is green " +
      "and only a word is missing, and exits with the code of the end.",
    options: [
      ...words,
      { flags: "--auto", about: "promotes each time that it waits, until it ends" },
      { flags: "--manual", about: "asks before it promotes" },
      { flags: "--approver <name>", about: "who promotes, with --manual" },
      { flags: "--yes", about: "does not ask" },
    ],
    examples: [
      'canary promote --reason "go decided in the call"',
      "canary promote --auto",
      "canary promote --manual --approver @ana",
    ],
    load: async () => (await import("./commands/words.ts")).promote,
  },
  {
    name: "confirm",
    group: "roll out",
    args: "[rollout-or-name] [name]",
    summary: "give, or with --no refuse, one confirmation of the plan",
    details:
      "With one argument it is the confirmation's name, of the one active rollout. With --plan it is given before the start: " +
      "a signed file for whoever starts; without a name it says what is asked for.",
    options: [
      ...words,
      { flags: "--no", about: "says no: the stage fails, and rolls back" },
      ...planOptions,
      { flags: "--sandbox <url>", about: "the sandbox that the plan is about" },
      { flags: "--time-scale <ratio>", about: "as the start will have it" },
      ...policyOptions,
    ],
    examples: [
      "canary confirm go-live",
      'canary confirm ID go-live --no --reason "not tested"',
      "canary confirm approval-council --plan plan.yaml --set version=v2.1.0",
    ],
    load: async () => (await import("./commands/words.ts")).confirm,
  },
  {
    name: "tasks",
    group: "roll out",
    args: "[rollout]",
    summary: "list what has to be done after rollbacks, and until when",
    details:
      "What the policy asks for after a rollback, and a look at every abort by somebody whom it does not let stop. " +
      "`canary confirm ROLLOUT TASK` says that one is done.",
    options: [evidenceOption, jsonOption],
    examples: ["canary tasks", 'canary confirm ID rca --reason "https://wiki/rca-12"'],
    load: async () => (await import("./commands/tasks.ts")).tasks,
  },
  {
    name: "override",
    group: "roll out",
    args: "<rollout-or-gate> [gate]",
    summary: "let the stage in force pass without one of its gates, with a reason",
    details:
      "Only people whom the policy names can, and as many of them as it asks for. The gate's own text names it. It is measured " +
      "all the same, triggers stay on, and the journal says who did it and why.",
    options: words,
    examples: ['canary override "p95 < 200ms" --reason "a known outlier: CH-1204"'],
    load: async () => (await import("./commands/words.ts")).override,
  },
];
