import { join } from "node:path";

import { isSilentDisk } from "../evidence/reach-disk.ts";
import { readPlainFileSync } from "../evidence/read-plain-file.ts";
import { stateDir } from "../store/state-dir.ts";
import { bundleCopy } from "../store/user-records.ts";
import type { Place } from "./known-evidence.ts";
import { routeOf } from "./stores/routes.ts";

/**
 * The bundle to work from where the evidence of a rollout is not whole: its own, which holds the plan too, else the second
 * copy of this user's machine. Null where the evidence has both, or where nothing is left.
 */
export function bundleInstead(place: Place): string | null {
  const own = join(place.evidence, place.id, "rollback.json");
  const hasOwn = isWhole(own);
  if (hasOwn && hasPlan(place)) return null;
  if (hasOwn) return own;
  const copy = bundleCopy(stateDir(), place.id);
  return isWhole(copy) ? copy : null;
}

/** Whether the plan that a takeover reads is there; a shared store has it. */
export function hasPlan(place: Place): boolean {
  return isWhole(join(place.evidence, place.id, "plan.json")) || routeOf(place) !== null;
}

/** Whether a file is there and was not cut. */
function isWhole(path: string): boolean {
  if (isSilentDisk(path)) return false;
  try {
    JSON.parse(readPlainFileSync(path));
    return true;
  } catch {
    return false;
  }
}
