import type { Change } from "../../core/field.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { writeObject } from "./write-fields.ts";

/** Each object in one patch; the engine hands over one object at a time. */
export async function writeEach(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  for (const group of Map.groupBy(changes, ({ field }) => field.target).values()) {
    const answer = await writeObject(group, context);
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}
