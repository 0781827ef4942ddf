import type { Evidence, Stage } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { fillText } from "../../drivers/template.ts";
import { takeEvidence } from "../perform-collect.ts";
import type { Run } from "../run.ts";
import { saveCapture } from "../save-capture.ts";
import type { Sent } from "./deliver.ts";

/** How things stood at the event: the rollout may be further by now. */
export interface Around {
  readonly values: (name: string) => Json | undefined;
  readonly stage: Stage | undefined;
}

/** Takes the evidence of a line of `on:`, all at once. What is missing is said, and stops nothing. Never throws. */
export async function collect(
  run: Run,
  items: readonly Evidence[],
  around: Around,
  leave: AbortSignal,
): Promise<Sent> {
  const missing = await Promise.all(items.map((item) => take(run, item, around, leave)));
  const whys = missing.filter((why) => why !== null);
  const why = whys.length === 0 ? null : whys.join("; ");
  return { why, receipt: {}, tries: 1 };
}

/** Null when it was taken and written; else why not. */
async function take(
  run: Run,
  item: Evidence,
  { values, stage }: Around,
  leave: AbortSignal,
): Promise<string | null> {
  const name = fillText(item.as, values);
  const result = await takeEvidence(run, item, false, leave);
  // A table writes itself, row by row.
  if (result.kind === "taken" && item.driver === "table") return null;
  const why =
    result.kind === "missing" ? result.why : await saveCapture(run, name, result.content, stage);
  return why === null ? null : `${name}: ${why}`;
}
