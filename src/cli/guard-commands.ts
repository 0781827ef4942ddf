import type { CommandSpec } from "./command-spec.ts";
import {
  byOption,
  evidenceOption,
  jsonOption,
  outputOptions,
  planOptions,
  policyOptions,
  reasonOption,
  sandboxOption,
} from "./option-specs.ts";

/** The commands for rollouts that their runner left. */
export const guardCommands: readonly CommandSpec[] = [
  {
    name: "guard",
    group: "roll out",
    args: "",
    summary: "stay, and roll back what its runner leaves behind",
    details:
      "Watches every rollout that is active here. One whose heartbeat stops is taken over and rolled back, unless its " +
      "plan or its stage says `onRunnerLost: hold` or it serves 100 %. A rollout on another host is lost after 10 s of silence.",
    options: [byOption, evidenceOption],
    examples: ["canary guard"],
    load: async () => (await import("./commands/guard.ts")).guard,
  },
  {
    name: "reap",
    group: "roll out",
    args: "[rollout]",
    summary: "look once, and roll back what its runner left behind",
    details:
      "`guard`, once: for cron, and for the step of a CI job that always runs. Exits 0 when nothing was to be done, with " +
      "the exit code of the end where it ended a rollout, with 32 where a person has to decide.",
    options: [byOption, evidenceOption, jsonOption],
    examples: ["canary reap", "canary reap --json"],
    load: async () => (await import("./commands/reap.ts")).reap,
  },
  {
    name: "drill",
    group: "roll out",
    args: "[plan]",
    summary: "roll out to the smallest stage, abort it for real, and write down that it worked",
    details:
      "The stage is made and checked as always; then a `canary abort` of its own brings everything back, and is timed. " +
      "Sends no messages, and ends 0 when every value was read back. On a shadow: name it with `--set`, or with `--sandbox`. " +
      "What is written down lies beside the plan (`PLAN.drills.json`, to be committed) and on this machine; `lint` and `plan` " +
      "say when a way back was never drilled, or has changed since.",
    options: [
      ...planOptions,
      sandboxOption,
      evidenceOption,
      ...outputOptions,
      byOption,
      ...policyOptions,
      {
        flags: "--time-scale <ratio>",
        about: "divides every duration of the plan, as 1/60; loopback targets only",
      },
    ],
    examples: [
      "canary drill plans/quickstart.yaml --sandbox",
      "canary drill checkout.yaml --set namespace=shadow",
    ],
    load: async () => (await import("./commands/drill.ts")).drill,
  },
  {
    name: "unlock",
    group: "roll out",
    args: "[rollout]",
    summary: "end a rollout where it is, and undo nothing",
    details:
      "For a rollout that somebody has put right by hand. It ends halted (42); the next start on its targets inherits its " +
      "baseline, so that its way back leads to where the first one began.",
    options: [reasonOption, byOption, evidenceOption, ...outputOptions],
    examples: ['canary unlock ID --reason "restored by hand"'],
    load: async () => (await import("./commands/unlock.ts")).unlock,
  },
];
