import type { Field } from "../../core/field.ts";
import type { Json, Millis } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure } from "../driver.ts";
import { askFlagApi, jsonOf, type FlagApi } from "./ask-flag-api.ts";
import { toLdFlag, type LdFlag } from "./launchdarkly-flag.ts";

/**
 * What a field of a flag in LaunchDarkly needs to be read and written from any process. A type rather than an interface:
 * only that is known to be plain JSON.
 */
export type LdRef = {
  readonly url: string;
  readonly project: string;
  readonly environment: string;
  readonly flag: string;
  readonly part: "share" | "enabled";
  /** Ids of all variations by index: what is read names indexes, and what is written names ids. */
  readonly variations: readonly string[];
  /** Indexes of the variation that the share gets, and of the one that everyone else gets. */
  readonly serve: number;
  readonly instead: number;
  /** How users are told apart; `bucketBy` null is the key. */
  readonly contextKind: string;
  readonly bucketBy: string | null;
  /** How many targets and rules served other variations before the share, which the plan agreed to. */
  readonly beside: number;
};

interface LdPlace {
  readonly api: FlagApi;
  readonly project: string;
  readonly environment: string;
  readonly bypasses: boolean;
}

/** Written out, since a token pins another version otherwise. */
const VERSION = "20240415";
const SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch";

/** The service and place of this call's connection. */
export function ldPlace({ connection }: DriverContext): Answer<LdPlace> {
  const { url, token, project, environment, approvals } = connection;
  if (
    typeof url !== "string" ||
    typeof token !== "string" ||
    typeof project !== "string" ||
    typeof environment !== "string"
  )
    return failed("it names no connection of type launchdarkly: add one under `connections`");
  const headers = { authorization: token, "ld-api-version": VERSION };
  const api = { url: url.replace(/\/+$/, ""), headers };
  return ok({ api, project, environment, bypasses: approvals === "bypassed" });
}

/** Reads the flag in the environment of its ref. */
export async function fetchLdFlag(
  ref: Pick<LdRef, "url" | "project" | "environment" | "flag">,
  context: DriverContext,
): Promise<Answer<LdFlag>> {
  const api = apiOf(ref, context);
  if (api.kind !== "ok") return api;
  const path = `${pathOf(ref)}?env=${encodeURIComponent(ref.environment)}`;
  const reply = await askFlagApi(api.value, { method: "GET", path }, context);
  if (reply.kind !== "ok") return reply;
  return flagIn(`GET ${path}`, reply.value, ref);
}

export type LdInstruction = { readonly kind: string; readonly [key: string]: Json };

export interface LdPatch {
  readonly instructions: readonly LdInstruction[];
  /** Validated, and not kept. */
  readonly dryRun?: true;
  /** Also where it breaks a change that someone has scheduled: for a kill. */
  readonly ignoreConflicts?: true;
  readonly timeout?: Millis;
}

/** Sends instructions that apply together or not at all, and gives back the flag as it is then. */
export async function patchLdFlag(
  ref: Pick<LdRef, "url" | "project" | "environment" | "flag">,
  patch: LdPatch,
  context: DriverContext,
): Promise<Answer<LdFlag>> {
  const api = apiOf(ref, context);
  if (api.kind !== "ok") return api;
  const query = new URLSearchParams({
    ...(patch.dryRun === undefined ? {} : { dryRun: "true" }),
    ...(patch.ignoreConflicts === undefined ? {} : { ignoreConflicts: "true" }),
  });
  const path = `${pathOf(ref)}${query.size === 0 ? "" : `?${query.toString()}`}`;
  const reply = await askFlagApi(
    api.value,
    {
      method: "PATCH",
      path,
      headers: { "content-type": SEMANTIC },
      body: {
        environmentKey: ref.environment,
        comment: `canary ${context.rollout}`,
        instructions: patch.instructions,
      },
      explain,
      ...(patch.timeout === undefined ? {} : { timeout: patch.timeout }),
    },
    context,
  );
  if (reply.kind !== "ok") return reply;
  return flagIn(`PATCH ${path}`, reply.value, ref);
}

/**
 * The `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function ldRefOf({ key, ref }: Field): LdRef {
  const texts = ["url", "project", "environment", "flag", "contextKind"];
  const good =
    typeof ref === "object" &&
    ref !== null &&
    !Array.isArray(ref) &&
    texts.every((name) => typeof at(ref, name) === "string") &&
    ["serve", "instead", "beside"].every((name) => typeof at(ref, name) === "number") &&
    Array.isArray(at(ref, "variations"));
  if (!good) throw new Error(`${key} is no flag in LaunchDarkly`);
  return ref as LdRef;
}

function at(ref: object, name: string): unknown {
  return Object.entries(ref).find(([key]) => key === name)?.[1];
}

/** Only where the connection still leads to that service: a token goes nowhere else. */
function apiOf(ref: Pick<LdRef, "url" | "flag">, context: DriverContext): Answer<FlagApi> {
  const place = ldPlace(context);
  if (place.kind !== "ok") return place;
  const { api } = place.value;
  return api.url === ref.url
    ? ok(api)
    : failed(`flag ${ref.flag} is at ${ref.url}, and the connection leads to ${api.url} now`);
}

function pathOf({ project, flag }: Pick<LdRef, "project" | "flag">): string {
  return `/api/v2/flags/${encodeURIComponent(project)}/${encodeURIComponent(flag)}`;
}

function flagIn(
  asked: string,
  reply: { readonly status: number; readonly body: string },
  { flag, environment }: Pick<LdRef, "flag" | "environment">,
): Answer<LdFlag> {
  const json = jsonOf(asked, reply);
  if (json.kind !== "ok") return json;
  const found = toLdFlag(json.value, environment);
  return found === null
    ? unknown(`${asked} answered something else than flag ${flag} in ${environment}`)
    : ok(found);
}

/** 409 is how LaunchDarkly says that someone else wrote at the same moment, and that nothing was changed. */
function explain(status: number, words: string): Failure | null {
  return status === 409
    ? { kind: "refused", why: `it conflicts with another change: ${words}` }
    : null;
}
