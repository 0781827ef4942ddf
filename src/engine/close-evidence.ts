import type { Run } from "./run.ts";

/** Writes the report and seals the folder. The end stands already: what fails here is shown by `canary verify`. */
export async function closeEvidence(run: Run): Promise<void> {
  try {
    await run.engine.sealRollout(run.rollout);
  } catch {
    // The verdict does not depend on it.
  }
}
