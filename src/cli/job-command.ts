import type { CommandSpec } from "./command-spec.ts";
import { byOption } from "./option-specs.ts";

/** What the Pods of `start --in-cluster` run. */
export const jobCommand: CommandSpec = {
  name: "job",
  group: "more",
  args: "<rollout>",
  summary: "run a rollout inside a Job, and run it on where an earlier Pod left it",
  details:
    "`start --in-cluster` makes the Job that runs this. Plan and secrets are read through the API. It exits 0 when the " +
    "rollout is over, however it ended: `canary status` has its exit code.",
  options: [
    byOption,
    { flags: "--accept-live", about: "as for start" },
    {
      flags: "--secrets <secret>",
      about: "the Secret whose keys become variables for ${env:NAME}",
    },
  ],
  examples: ["CANARY_STORE=kubernetes:///canary canary job ID"],
  load: async () => (await import("./commands/job.ts")).job,
};
