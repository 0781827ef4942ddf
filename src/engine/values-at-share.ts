import type { FieldValue } from "../core/field.ts";
import type { Percent } from "../core/units.ts";
import { actionOf } from "../core/unwind.ts";
import type { ActionDriver } from "../drivers/driver.ts";
import { bounded } from "./bounded.ts";
import { driverContext } from "./driver-context.ts";
import { requestOf } from "./perform-apply.ts";
import type { Run } from "./run.ts";

/**
 * What a stage of this share would set, by field: one step of a gradual rollback. Only the driver knows it, as a router
 * may have a weight for each version, or another total than 100. Empty where it cannot be told.
 */
export async function valuesAtShare(
  run: Run,
  driver: ActionDriver<unknown>,
  actions: readonly string[],
  share: Percent,
  cancel: AbortSignal,
): Promise<ReadonlyMap<string, FieldValue>> {
  const values = new Map<string, FieldValue>();
  for (const id of actions) {
    const action = actionOf(run.plan, id);
    if (action === undefined || action.driver !== driver.kind || action.role !== "traffic")
      continue;
    const found = await bounded(run, action.timeout, cancel, (signal) =>
      driver.changes(
        { ...requestOf(run, action), share },
        driverContext(run, action.connection, signal),
      ),
    );
    if (found.kind !== "ok") continue;
    for (const { field, value } of found.value) values.set(field.key, value);
  }
  return values;
}
