import { packageVersion } from "./package-version.ts";

/**
 * What is said about a bug of ours: that it is one, what is safe, and what to send. Values of options stay out of it: they
 * may be secret, and this is meant to be pasted.
 */
export function explainBug(error: unknown, args: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const names = args.filter((each, index) => index === 0 || each.startsWith("-"));
  return [
    "",
    "canary: this is a bug in canary, not in your plan (exit 1)",
    "If a rollout was open, it may still be: `canary status` tells, `canary abort --reason bug` rolls it back.",
    "Please report it, with these lines:",
    "",
    `  canary ${packageVersion()}, node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `  canary ${names.map((each) => each.split("=", 1)[0] ?? "").join(" ")}`,
    ...stack.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}
