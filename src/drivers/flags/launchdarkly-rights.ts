import type { Json } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { askFlagApi, jsonOf } from "./ask-flag-api.ts";
import { ldPlace, patchLdFlag, type LdPatch, type LdRef } from "./launchdarkly-api.ts";
import type { LdFlag } from "./launchdarkly-flag.ts";

/**
 * What stands in the way of the change, of its rollback and of its kill. The service is asked to validate them without
 * keeping them (`dryRun`), and whether its environment asks for approvals: a kill that waits for one is no kill.
 */
export async function launchdarklyRights(
  ref: LdRef,
  flag: LdFlag,
  tries: readonly LdPatch["instructions"][],
  context: DriverContext,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const instructions of tries) {
    const tried = await patchLdFlag(ref, { instructions, dryRun: true }, context);
    const kinds = instructions.map(({ kind }) => kind).join(" and ");
    if (tried.kind === "approval") problems.push(changeControlled(ref, tried.why));
    else if (tried.kind !== "ok") problems.push(`${kinds}: ${tried.why}`);
  }
  if (problems.length > 0) return problems;
  const asked = await approvalsAsked(ref, flag, context);
  return asked ? [changeControlled(ref, "its approval settings say so")] : [];
}

function changeControlled({ environment }: LdRef, why: string): string {
  return `${environment} is change-controlled (${why}), so a rollback would wait for an approval: use a token that may bypass it, and say \`approvals: bypassed\` in the connection`;
}

/** Whether the environment asks for approvals for this flag. A token that may not read the settings learns nothing. */
async function approvalsAsked(
  { project, environment }: LdRef,
  flag: LdFlag,
  context: DriverContext,
): Promise<boolean> {
  const place = ldPlace(context);
  if (place.kind !== "ok" || place.value.bypasses) return false;
  const [p, e] = [project, environment].map(encodeURIComponent);
  const path = `/api/v2/projects/${p}/environments/${e}`;
  const reply = await askFlagApi(place.value.api, { method: "GET", path }, context);
  const json = reply.kind === "ok" ? jsonOf(path, reply.value) : reply;
  if (json.kind !== "ok") return false;
  const settings = at(json.value, "approvalSettings");
  const tags = at(settings, "requiredApprovalTags");
  const tagged =
    Array.isArray(tags) &&
    tags.length > 0 &&
    !tags.some((tag: Json) => typeof tag === "string" && flag.tags.includes(tag));
  return at(settings, "required") === true && !tagged;
}

function at(json: Json | undefined, key: string): Json | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as { readonly [key: string]: Json })[key]
    : undefined;
}
