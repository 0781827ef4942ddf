import { sameValue, type FieldValue } from "../core/field.ts";
import type { Reading } from "../drivers/driver.ts";
import { type BundleField } from "./bundle.ts";
import type { Run } from "./run.ts";

/**
 * The action that set what is there, where that is none which the journal says was begun: then the journal lost the line.
 * Null where the value is that of a begun one, the one from before, or none of the plan's.
 */
export function aheadOfJournal(
  { state }: Run,
  { baseline, atStart, ours, writes }: BundleField,
  live: FieldValue,
): string | null {
  if (sameValue(live, baseline) || sameValue(live, atStart)) return null;
  const begun = new Set(state.intended);
  const setting = writes.filter(({ value }) => sameValue(value, live));
  if (setting.some(({ action }) => begun.has(action))) return null;
  const known = writes.some(({ action }) => begun.has(action));
  if (setting.length === 0 && known) return null;
  // A step of a gradual way back is no write of any one action: what goes back was begun.
  const isOurs = setting.length > 0 || ours.some((value) => sameValue(value, live));
  return isOurs ? ((setting[0] ?? writes[0])?.action ?? null) : null;
}

/** Keeps what a way back meets before it writes over it: afterwards nothing shows it any more. */
export function noteAhead(
  run: Run,
  entries: readonly BundleField[],
  readings: readonly Reading[] | null,
): void {
  for (const entry of entries) {
    const live = readings?.find(({ field }) => field.key === entry.field.key)?.value;
    const action = live === undefined ? null : aheadOfJournal(run, entry, live);
    if (action !== null) run.ahead.add(action);
  }
}
