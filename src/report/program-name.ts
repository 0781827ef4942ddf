import { basename } from "node:path";

/** How this command was called, for lines to paste: who has it through npx has no `canary` in the PATH. */
export function programName(
  env: Readonly<Record<string, string | undefined>> = process.env,
  script: string = process.argv[1] ?? "",
): string {
  const isOurs = ["canary", "canary.js"].includes(basename(script));
  return isOurs && env["npm_command"] === "exec" ? "npx canary" : "canary";
}
