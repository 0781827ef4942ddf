import { explainBug } from "./explain-bug.ts";

/**
 * Node ends with 0 when nothing is left to wait for, also in the middle of a command that waits for what never comes: whoever
 * reads that would take the rollout for promoted. From here to the call of what is returned such an end is a bug, and exit 1.
 */
export function refuseSilentEnd(args: readonly string[]): () => void {
  const onExit = (): void => {
    if (process.exitCode !== undefined) return;
    process.exitCode = 1;
    const error = new Error("nothing was left to wait for, and the command was not done");
    process.stderr.write(explainBug(error, args));
  };
  process.once("exit", onExit);
  return () => void process.off("exit", onExit);
}
