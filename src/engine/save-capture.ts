import { join } from "node:path";

import type { Run } from "./run.ts";

/** Writes a capture, redacted, under its own name into the folder of the stage in force. */
export async function saveCapture(run: Run, name: string, content: string): Promise<void> {
  const stage = run.plan.stages[run.state.stage];
  const folder = join(
    run.engine.evidence,
    run.rollout,
    stage === undefined ? "captures" : join("stages", stage.folder),
  );
  await run.engine.writeEvidence(join(folder, name), run.redactor.redact(content), 0o644);
}
