import type { Json } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { askFlagApi, jsonOf } from "./ask-flag-api.ts";
import { unleashPlace } from "./unleash-api.ts";

/** What a token needs to set a share, and to switch off and back again. */
const SHARE = ["UPDATE_FEATURE_STRATEGY", "UPDATE_FEATURE_ENVIRONMENT"];
const SWITCH = ["UPDATE_FEATURE_ENVIRONMENT"];
/** What it needs beside that where the flag has no strategy yet: one is made, and removed by the rollback. */
const MAKE = ["CREATE_FEATURE_STRATEGY", "DELETE_FEATURE_STRATEGY"];

/**
 * Permissions that the token lacks for the action or for its rollback, and change requests that stand in its way: a kill
 * that waits for someone's approval is no kill. Reads only.
 */
export async function unleashRights(
  wants: { readonly share: boolean; readonly makes: boolean },
  context: DriverContext,
): Promise<readonly string[]> {
  const place = unleashPlace(context);
  if (place.kind !== "ok") return [place.why];
  const { api, project, environment } = place.value;
  const me = await askFlagApi(api, { method: "GET", path: "/api/admin/user" }, context);
  if (me.kind !== "ok") return [me.why];
  const json = jsonOf("GET /api/admin/user", me.value);
  if (json.kind !== "ok") return [json.why];
  const granted = at(json.value, "permissions");
  if (!Array.isArray(granted))
    return ["GET /api/admin/user answered no permissions: is this an Unleash server?"];
  const has = (name: string): boolean =>
    granted.some((each: Json) => grants(each, name, { project, environment }));
  const needed = [...(wants.share ? SHARE : SWITCH), ...(wants.makes ? MAKE : [])];
  const missing = needed.filter((name) => !has("ADMIN") && !has(name));
  const problems = missing.map(
    (name) => `the token lacks ${name} for ${environment} of project ${project}`,
  );
  if (has("ADMIN") || has("SKIP_CHANGE_REQUEST")) return problems;
  return [...problems, ...(await changeRequests(context, project, environment))];
}

/** Unleash's open source edition has no such address, and no change requests. */
async function changeRequests(
  context: DriverContext,
  project: string,
  environment: string,
): Promise<readonly string[]> {
  const place = unleashPlace(context);
  if (place.kind !== "ok") return [];
  const path = `/api/admin/projects/${encodeURIComponent(project)}/change-requests/config`;
  const reply = await askFlagApi(place.value.api, { method: "GET", path }, context);
  const json = reply.kind === "ok" ? jsonOf(path, reply.value) : reply;
  if (json.kind !== "ok" || !Array.isArray(json.value)) return [];
  const on = json.value.some(
    (each: Json) =>
      at(each, "environment") === environment && at(each, "changeRequestEnabled") === true,
  );
  return on
    ? [
        `${environment} of project ${project} is change-controlled, so a rollback would wait for an approval: give the token SKIP_CHANGE_REQUEST`,
      ]
    : [];
}

/** A permission counts where its project and environment are ours, or where it names none. */
function grants(
  given: Json,
  name: string,
  place: { readonly project: string; readonly environment: string },
): boolean {
  if (at(given, "permission") !== name) return false;
  const fits = (key: "project" | "environment"): boolean => {
    const value = at(given, key);
    return value === undefined || value === null || value === "*" || value === place[key];
  };
  return fits("project") && fits("environment");
}

function at(json: Json, key: string): Json | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as { readonly [key: string]: Json })[key]
    : undefined;
}
