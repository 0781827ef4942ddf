import { tell } from "./print.ts";

/**
 * Says why the evidence, or what this user's rollouts share, cannot lie where it is meant to; nothing is begun then.
 * `line` is the command line that was meant, for the remedy: `start …`.
 */
export async function cannotKeep(evidence: string, line: string): Promise<boolean> {
  const [{ localDiskProblem }, { stateDir }] = await Promise.all([
    import("../store/local-disk-problem.ts"),
    import("../store/state-dir.ts"),
  ]);
  const inEvidence = await localDiskProblem(evidence);
  const inState = inEvidence === null ? await localDiskProblem(stateDir()) : null;
  if (inEvidence !== null)
    tell(
      `canary: not started, nothing was touched (exit 20): ${inEvidence}\n  name another folder: canary ${line} --evidence DIR`,
    );
  else if (inState !== null)
    tell(
      `canary: not started, nothing was touched (exit 20): ${inState}\n  name another folder: CANARY_STATE_DIR=DIR canary ${line}`,
    );
  return inEvidence !== null || inState !== null;
}
