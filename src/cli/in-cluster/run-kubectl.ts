import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { UsageError } from "../usage-error.ts";

/** How long one call may take, in milliseconds. */
const PATIENCE = 60_000;
const MOST = 16 * 1024 * 1024;

/** Runs kubectl in a context (null: the current one) and gives what it printed. Throws a UsageError with what it said. */
export async function runKubectl(
  context: string | null,
  args: readonly string[],
  input = "",
): Promise<string> {
  const flags = context === null ? [] : [`--context=${context}`];
  try {
    const running = promisify(execFile)("kubectl", [...flags, ...args], {
      timeout: PATIENCE,
      maxBuffer: MOST,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr?.trim() ?? "";
    const why = said === "" && error instanceof Error ? error.message : said;
    throw new UsageError(`kubectl ${args.slice(0, 2).join(" ")}: ${why}`);
  }
}
