import type { CommandSpec } from "./command-spec.ts";

/** The commands that help to write a plan. */
export const authoringCommands: readonly CommandSpec[] = [
  {
    name: "init",
    group: "write plans",
    args: "[file]",
    summary: "write a commented plan to begin with",
    details: "To canary.yaml, or to the file named; `-` prints it. Never overwrites.",
    options: [],
    examples: ["canary init checkout.yaml"],
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "schema",
    group: "write plans",
    args: "[plan|policy]",
    summary: "print the JSON schema of plans, or of policies, for editors",
    details: "",
    options: [],
    examples: ["canary schema > plan.schema.json", "canary schema policy > policy.schema.json"],
    load: async () => (await import("./commands/schema.ts")).schema,
  },
];
