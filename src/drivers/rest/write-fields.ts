import type { Change } from "../../core/field.ts";
import type { Json, Millis } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext, Failure } from "../driver.ts";
import { writeJsonPath } from "../json-path.ts";
import { asType, isOff, refOf, type RestChange } from "./rest-field.ts";
import type { RestRequest } from "./rest-request.ts";
import { sendRequest } from "./send-request.ts";

/** How long a write of "off" may take before the kill request is tried instead, so that there is time left for it. */
const BEFORE_KILL: Millis = 5000;

/**
 * Writes fields behind an HTTP API: one request for all changes that share one. Absent is written by the `remove`
 * request. `kill` is the second way to "off": it is sent when the value is off (0, false, absent) and the ordinary
 * request did not succeed, so only ever towards the safe side, and never in place of an exact restore that works.
 */
export async function writeRestFields(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const groups = new Map<string, RestChange[]>();
  for (const change of changes) {
    const ref = refOf(change.field);
    const id = JSON.stringify([ref.write, ref.remove]);
    groups.set(id, [...(groups.get(id) ?? []), { change, ref }]);
  }
  let done = 0;
  for (const group of groups.values()) {
    const answer = await writeGroup(group, context);
    // Some of it is written: "nothing changed" would be a lie.
    if (answer.kind !== "ok") return done > 0 ? { kind: "unknown", why: answer.why } : answer;
    done += 1;
  }
  return ok(null);
}

async function writeGroup(
  group: readonly RestChange[],
  context: DriverContext,
): Promise<Answer<null>> {
  const [first] = group;
  if (first === undefined) return ok(null);
  const { kill } = first.ref;
  const off = kill !== null && group.every(({ change }) => isOff(change.value));
  const answer = await writeOnce(group, context, off ? { timeout: BEFORE_KILL } : {});
  if (answer.kind === "ok" || !off) return answer;
  const killed = await sendRequest(kill, context);
  return killed.kind === "ok" ? ok(null) : worse(answer, killed);
}

async function writeOnce(
  group: readonly RestChange[],
  context: DriverContext,
  options: { readonly timeout?: Millis },
): Promise<Answer<null>> {
  if (group.every(({ change }) => !change.value.present)) {
    const remove = group[0]?.ref.remove ?? null;
    if (remove !== null) return await removeAll(remove, context, options);
    if (group.every(({ ref }) => ref.absentAs === null))
      return failed("it was absent before, and the plan states no `delete` that removes it");
  }
  const filled = fill(group);
  if (filled === null)
    return failed("the request body has no place for the value: a list or text is in its way");
  const { request, values } = filled;
  const sent = await sendRequest(request, context, { ...options, lookup: (name) => values[name] });
  return sent.kind === "ok" ? ok(null) : sent;
}

async function removeAll(
  remove: RestRequest,
  context: DriverContext,
  options: { readonly timeout?: Millis },
): Promise<Answer<null>> {
  const gone = [200, 201, 202, 203, 204, 404, 410];
  const removed = await sendRequest(remove, context, { ...options, expect: gone });
  return removed.kind === "ok" ? ok(null) : removed;
}

/**
 * The request with a placeholder at every value's place, and the values by placeholder: a value that was read from the
 * target goes in last and is never itself taken for a template.
 */
function fill(
  group: readonly RestChange[],
): { request: RestRequest; values: Readonly<Record<string, Json>> } | null {
  const [first] = group;
  if (first === undefined) return null;
  const values: Record<string, Json> = {};
  let json: Json | undefined = first.ref.write.json;
  for (const [index, { change, ref }] of group.entries()) {
    const value = change.value.present ? change.value.value : ref.absentAs;
    // A companion of an absent value, as `enabled` beside a percentage: the plan's own constant stays.
    if (!change.value.present && value === null) continue;
    const name = ref.at === null ? "value" : `value:${index}`;
    values[name] = asType(value, ref.type);
    if (ref.at === null) continue;
    const placed = writeJsonPath(json ?? {}, ref.at, `\${${name}}`);
    if (placed === null) return null;
    json = placed.json;
  }
  const body = json === undefined ? {} : { json: json };
  return { request: { ...first.ref.write, ...body }, values };
}

function worse(first: Failure, second: Failure): Failure {
  const why = `${first.why}; then ${second.why}`;
  return { kind: first.kind === "failed" && second.kind === "failed" ? "failed" : "unknown", why };
}
