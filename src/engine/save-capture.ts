import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Stage } from "../core/plan.ts";
import { captureName } from "../evidence/capture-name.ts";
import { redactPersonal } from "../evidence/redact-personal.ts";
import type { Run } from "./run.ts";

/**
 * Writes a capture, a text redacted, under its own name into the folder of the stage in force, or of the given one. What is
 * written stands in the journal before, by its hash, so that nobody can exchange it later. Answers why it could not be
 * written, or null: evidence that is missing must not stop what it is about.
 */
export async function saveCapture(
  run: Run,
  name: string,
  content: string | Uint8Array,
  stage = stageInForce(run),
): Promise<string | null> {
  const kept = typeof content === "string" ? redactPersonal(run.redactor.redact(content)) : content;
  const sha256 = createHash("sha256").update(kept).digest("hex");
  const path = placeOf(name, stage);
  // A journal that takes nothing is told of elsewhere.
  await run.note({ kind: "capture-taken", path, sha256 }).catch(() => undefined);
  if (run.seenEpoch > run.epoch) return "another process owns the rollout now";
  try {
    await run.engine.writeEvidence(capturePath(run, name, stage), kept, 0o644);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function stageInForce(run: Run): Stage | undefined {
  return run.plan.stages[run.state.stage];
}

/** Where a capture of this name is written now. */
export function capturePath(run: Run, name: string, stage = stageInForce(run)): string {
  return join(run.engine.evidence, run.rollout, placeOf(name, stage));
}

/** Relative to the folder of the rollout. */
function placeOf(name: string, stage: Stage | undefined): string {
  return [
    ...(stage === undefined ? ["captures"] : ["stages", stage.folder]),
    captureName(name),
  ].join("/");
}
