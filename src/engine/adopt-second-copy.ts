import { parseBundle } from "./read-bundle.ts";
import type { Run } from "./run.ts";

/**
 * Where neither the evidence nor the journal knows of a bundle, the copy that this user's machine keeps says what was there
 * before: the lines that named it, and the file, went with the same disk.
 */
export async function adoptSecondCopy(run: Run): Promise<void> {
  if (run.bundle !== null || run.lost.length > 0) return;
  try {
    const text = await run.engine.records?.keptBundle(run.rollout);
    const second = text === undefined || text === null ? null : parseBundle(text);
    if (second?.rollout === run.rollout) run.bundle = second;
  } catch {
    // There is none that can be read.
  }
}
