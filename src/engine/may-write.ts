import { actionOf } from "../core/unwind.ts";
import type { Reading } from "../drivers/driver.ts";
import { isOurs, type BundleField } from "./bundle.ts";
import type { Run } from "./run.ts";

/** Foreign values are left alone, except for traffic, which goes back regardless unless another rollout's mark is on it. */
export function mayWrite(
  run: Run,
  entry: BundleField,
  readings: readonly Reading[] | null,
): boolean {
  if (readings === null || run.options.overwrite) return true;
  const reading = readings.find(({ field }) => field.key === entry.field.key);
  if (reading === undefined) return true;
  if (
    reading.mark !== null &&
    reading.mark.rollout !== run.rollout &&
    reading.mark.rollout !== entry.mark?.rollout
  )
    return false;
  return isTraffic(run, entry) || isOurs(entry, reading.value);
}

function isTraffic(run: Run, entry: BundleField): boolean {
  return entry.writes.some(({ action }) => actionOf(run.plan, action)?.role === "traffic");
}

/** Why a value is left alone, in words. */
export function foreignWhy(entry: BundleField, readings: readonly Reading[] | null): string {
  const live = readings?.find(({ field }) => field.key === entry.field.key)?.value;
  return live === undefined
    ? "changed by someone else"
    : `changed by someone else: it is ${live.present ? JSON.stringify(live.value) : "absent"} now`;
}
