import { join } from "node:path";

import type { Bundle } from "./bundle.ts";
import type { Run } from "./run.ts";

/** The rollback bundle's name inside the evidence folder of a rollout. */
export const BUNDLE = "rollback.json";

/** Writes the bundle, never redacted, readable by its owner alone, and synced before the first change. */
export async function writeBundle(run: Run, bundle: Bundle): Promise<void> {
  await run.engine.writeEvidence(
    join(run.engine.evidence, run.rollout, BUNDLE),
    `${JSON.stringify(bundle, null, 2)}\n`,
    0o600,
  );
}
