import type { Stage } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { fillText } from "../../drivers/template.ts";
import type { Run } from "../run.ts";
import { saveCapture } from "../save-capture.ts";
import type { Sent } from "./deliver.ts";

/** Writes a text into the evidence, redacted. Never throws. */
export async function writeRecord(
  run: Run,
  record: { readonly as: string; readonly text: string },
  values: (name: string) => Json | undefined,
  stage: Stage | undefined,
): Promise<Sent> {
  // A time in a file's name has no colons.
  const name = fillText(record.as, values).replaceAll(":", "");
  const why = await saveCapture(run, name, fillText(record.text, values), stage);
  return { why, receipt: {}, tries: 1 };
}
