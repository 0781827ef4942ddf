import { commandTable } from "../command-table.ts";
import { completionScript, isShell, shells } from "../completion-script.ts";
import { print } from "../print.ts";
import { UsageError } from "../usage-error.ts";

/** Prints the completion script of a shell. */
export function completion(args: readonly string[]): Promise<number> {
  const [shell = ""] = args;
  if (!isShell(shell))
    throw new UsageError(
      `there is no completion for ${shell}`,
      `write one of ${shells.join(", ")}`,
    );
  print(completionScript(shell, commandTable));
  return Promise.resolve(0);
}
