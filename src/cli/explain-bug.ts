import { packageVersion } from "./package-version.ts";

/** What is said about a bug of ours: that it is one, what is safe, and what to send where. */
export function explainBug(error: unknown, args: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    "",
    "canary: this is a bug in canary, not in your plan.",
    "If a rollout was open, it may still be: `canary status` says, and `canary abort --reason bug` rolls it back.",
    "Please report it with the lines below: https://github.com/canary-rollout/canary/issues",
    "",
    `  canary ${packageVersion()}, node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `  canary ${args.join(" ")}`,
    ...stack.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}
