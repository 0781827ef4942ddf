import { sameValue, type Change, type Field } from "../../core/field.ts";
import type { Millis } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure, Reading } from "../driver.ts";
import type { WayBack } from "../lazy-driver.ts";
import { fetchLdFlag, ldRefOf, patchLdFlag, type LdPatch, type LdRef } from "./launchdarkly-api.ts";
import { instructionsFor, valueOfLdFlag, wishOfValue } from "./launchdarkly-state.ts";

/** How long the exact way to nobody may take before the switch alone is tried. */
const BEFORE_KILL: Millis = 10_000;
const OFF = { instructions: [{ kind: "turnFlagOff" }] };

/** How flags in LaunchDarkly are read and written back, without the schemas of a plan. */
export const launchdarklyWayBack: WayBack = {
  read: readFlags,
  write: writeFlags,
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a flag is not called, it is set")),
};

async function readFlags(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = ldRefOf(field);
    const flag = await fetchLdFlag(ref, context);
    if (flag.kind !== "ok") return flag;
    readings.push({ field, value: valueOfLdFlag(flag.value, ref), mark: null });
  }
  return ok(readings);
}

async function writeFlags(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  let done = 0;
  for (const change of changes) {
    const answer = await writeFlag(change, context);
    if (answer.kind !== "ok") return done > 0 ? unknown(answer.why) : answer;
    done += 1;
  }
  return ok(null);
}

async function writeFlag(change: Change, context: DriverContext): Promise<Answer<null>> {
  const { field, value } = change;
  const ref = ldRefOf(field);
  if (ref.part === "enabled") {
    if (!value.present || typeof value.value !== "boolean")
      return failed(`${field.label} is on or off, and not ${JSON.stringify(value)}`);
    if (!value.value) return await patchTo(change, ref, { ...OFF, ignoreConflicts: true }, context);
    return await patchTo(change, ref, { instructions: [{ kind: "turnFlagOn" }] }, context);
  }
  const wish = wishOfValue(value, ref);
  if (wish === null) return failed(`${field.label} cannot be set to ${JSON.stringify(value)}`);
  const instructions = instructionsFor(wish, ref);
  if (!wish.nobody) return await patchTo(change, ref, { instructions }, context);
  const exact = await patchTo(change, ref, { instructions, timeout: BEFORE_KILL }, context);
  if (exact.kind === "ok") return exact;
  // Nobody is what was asked for: where the exact way fails, the switch alone serves nobody too.
  const killed = await patchLdFlag(ref, { ...OFF, ignoreConflicts: true }, context);
  return killed.kind === "ok" && !killed.value.on
    ? { ...exact, why: `${exact.why}; it is switched off instead` }
    : { kind: worst(exact, killed), why: `${exact.why}; then it could not be switched off either` };
}

/** A success says what it made of the flag: anything else under a 200 is no success. */
async function patchTo(
  { value }: Change,
  ref: LdRef,
  patch: LdPatch,
  context: DriverContext,
): Promise<Answer<null>> {
  const answer = await patchLdFlag(ref, patch, context);
  if (answer.kind !== "ok") return answer;
  // What others add before the share is no part of this write: reading back tells it.
  const made = valueOfLdFlag({ ...answer.value, before: [] }, ref);
  return sameValue(made, value)
    ? ok(null)
    : unknown(
        `the service took the change of flag ${ref.flag} and answered it as ${JSON.stringify(made)}`,
      );
}

function worst(one: Failure, two: Answer<unknown>): Failure["kind"] {
  return one.kind === two.kind ? one.kind : "unknown";
}
