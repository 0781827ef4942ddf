import type { CommandSpec } from "./command-spec.ts";
import {
  byOption,
  evidenceOption,
  outputOptions,
  planOptions,
  policyOptions,
  sandboxOption,
} from "./option-specs.ts";

/** The command that all others are about. */
export const startCommand: CommandSpec = {
  name: "start",
  group: "roll out",
  args: "[plan]",
  summary: "roll a plan out, watch it, and roll it back when it says so",
  details:
    "Reads and checks the plan, asks everything that can be asked beforehand, captures what is to be restored, and then " +
    "goes stage by stage. It ends promoted, rolled back, or with a message about what a person has to do.\n" +
    "On a terminal Ctrl-C asks: roll back, detach to a guard, or go on. Elsewhere a first SIGINT or SIGTERM detaches while a " +
    "guard watches, else it rolls back; so does a terminal that is closed. A second one leaves at once.",
  options: [
    ...planOptions,
    sandboxOption,
    evidenceOption,
    ...outputOptions,
    byOption,
    ...policyOptions,
    {
      flags: "--wait-for-words",
      about: "starts, and waits for confirmations that are missing before anything is changed",
    },
    {
      flags: "--accept-live",
      about: "takes what is live as the baseline, over what an unfinished rollout captured",
    },
    {
      flags: "--in-cluster",
      about: "runs it as a Job in the cluster and the namespace of its store, and follows it",
    },
    { flags: "--image <image>", about: "with --in-cluster: an image with canary and kubectl" },
    {
      flags: "--command <words>",
      about: "with --in-cluster: what runs canary in the image (default: canary)",
    },
    {
      flags: "--secrets <secret>",
      about: "with --in-cluster: the Secret whose keys are the plan's ${env:NAME}",
    },
    {
      flags: "--time-scale <ratio>",
      about: "divides every duration of the plan, as 1/60; loopback targets only",
    },
  ],
  examples: [
    "canary start plans/quickstart.yaml --sandbox",
    "canary start plan.yaml --set version=v1.4.0 --output plain",
  ],
  load: async () => (await import("./commands/start.ts")).start,
};
