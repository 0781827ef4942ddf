import { join } from "node:path";

import type { Bundle } from "./bundle.ts";
import type { Run } from "./run.ts";

/** The rollback bundle's name inside the evidence folder of a rollout. */
export const BUNDLE = "rollback.json";

/**
 * Writes the bundle, never redacted, readable by its owner alone, and synced before the first change; and a second time
 * where this user's machine keeps it, for an abort that finds the evidence gone.
 */
export async function writeBundle(run: Run, bundle: Bundle): Promise<void> {
  const { engine, rollout } = run;
  const text = `${JSON.stringify(bundle, null, 2)}\n`;
  await Promise.all([
    engine.writeEvidence(join(engine.evidence, rollout, BUNDLE), text, 0o600),
    engine.records?.keepBundle(rollout, text),
  ]);
}
