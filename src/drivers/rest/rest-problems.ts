import type { Change } from "../../core/field.ts";
import type { DriverContext } from "../driver.ts";
import { readRestFields } from "./read-fields.ts";
import { refOf } from "./rest-field.ts";

/**
 * What stands in the way of writing and undoing fields behind an HTTP API, as far as reading can tell: an address that
 * does not answer or refuses the credentials, and a thing that does not exist yet and could not be removed again.
 */
export async function restProblems(
  changes: readonly Change[],
  hint: string,
  context: DriverContext,
): Promise<readonly string[]> {
  const readings = await readRestFields(
    changes.map((change) => change.field),
    context,
  );
  if (readings.kind !== "ok") return [readings.why];
  return readings.value
    .filter(({ field, value }) => !value.present && refOf(field).remove === null)
    .slice(0, 1)
    .map(({ field }) => `${field.label} does not exist yet: ${hint}`);
}
