import type { Field } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import {
  askFlagApi,
  jsonOf,
  type FlagApi,
  type FlagReply,
  type FlagRequest,
} from "./ask-flag-api.ts";

/**
 * What a field of a flag in Unleash needs to be read and written from any process. A type rather than an interface: only
 * that is known to be plain JSON.
 */
export type UnleashRef = {
  readonly url: string;
  readonly project: string;
  readonly environment: string;
  readonly flag: string;
  /** The strategy whose rollout is the share, read from this environment; null where there was none. */
  readonly strategy: string | null;
  readonly part: "share" | "enabled";
  /** How many other enabled strategies there were, which the plan agreed to. */
  readonly beside: number;
};

/** A strategy of a flag in one environment, as far as it matters here. */
export interface Strategy {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly disabled: boolean;
  /** As the server keeps it, which takes any text; null where it has none. */
  readonly rollout: string | null;
  /** Whether constraints or segments narrow it. */
  readonly narrowed: boolean;
  /** Whether a release plan owns it. */
  readonly planned: boolean;
}

/** A flag in one environment. */
export interface FlagEnvironment {
  readonly enabled: boolean;
  readonly strategies: readonly Strategy[];
}

interface UnleashPlace {
  readonly api: FlagApi;
  readonly project: string;
  readonly environment: string;
}

/** The server and place of this call's connection. */
export function unleashPlace({ connection }: DriverContext): Answer<UnleashPlace> {
  const { url, token, project, environment, tls } = connection;
  if (
    typeof url !== "string" ||
    typeof token !== "string" ||
    typeof project !== "string" ||
    typeof environment !== "string"
  )
    return failed("it names no connection of type unleash: add one under `connections`");
  const ca = isMap(tls) && typeof tls["ca"] === "string" ? { tls: { ca: tls["ca"] } } : {};
  return ok({
    // Clients of Unleash are given an address that ends with /api, and people copy that.
    api: {
      url: url.replace(/(?:\/api(?:\/admin)?)?\/*$/, ""),
      headers: { authorization: token },
      ...ca,
    },
    project,
    environment,
  });
}

/** Sends a request about the flag of a ref, below its environment; only where the connection still leads to that server. */
export async function askUnleash(
  ref: UnleashRef,
  request: Omit<FlagRequest, "path"> & { readonly below?: string },
  context: DriverContext,
): Promise<Answer<FlagReply>> {
  const place = unleashPlace(context);
  if (place.kind !== "ok") return place;
  const { api } = place.value;
  if (api.url !== ref.url)
    return failed(`flag ${ref.flag} is at ${ref.url}, and the connection leads to ${api.url} now`);
  const path = `${pathOf(ref)}${request.below ?? ""}`;
  return await askFlagApi(api, { ...request, path }, context);
}

/** Reads the flag in its environment. */
export async function fetchFlag(
  ref: UnleashRef,
  context: DriverContext,
  timeout?: number,
): Promise<Answer<FlagEnvironment>> {
  const limit = timeout === undefined ? {} : { timeout };
  const reply = await askUnleash(ref, { method: "GET", ...limit }, context);
  if (reply.kind !== "ok") return reply;
  const json = jsonOf(`GET ${pathOf(ref)}`, reply.value);
  if (json.kind !== "ok") return json;
  const flag = toFlag(json.value);
  return flag === null
    ? unknown(`GET ${pathOf(ref)} answered something else than a flag in an environment`)
    : ok(flag);
}

/**
 * Reads the flag with all of its strategies: the short form leaves out their segments, and the release plan that owns
 * them.
 */
export async function fetchWholeFlag(
  ref: UnleashRef,
  context: DriverContext,
): Promise<Answer<FlagEnvironment>> {
  const flag = await fetchFlag(ref, context);
  if (flag.kind !== "ok") return flag;
  const asked = `GET ${pathOf(ref)}/strategies`;
  const reply = await askUnleash(ref, { method: "GET", below: "/strategies" }, context);
  const json = reply.kind === "ok" ? jsonOf(asked, reply.value) : reply;
  if (json.kind !== "ok") return json;
  const strategies = toStrategies(json.value);
  return strategies === null
    ? unknown(`${asked} answered something else than strategies`)
    : ok({ ...flag.value, strategies });
}

/** The address of a flag in an environment. */
export function pathOf({ project, flag, environment }: UnleashRef): string {
  const [p, f, e] = [project, flag, environment].map(encodeURIComponent);
  return `/api/admin/projects/${p}/features/${f}/environments/${e}`;
}

/**
 * The `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function unleashRefOf({ key, ref }: Field): UnleashRef {
  const texts = ["url", "project", "environment", "flag"];
  const good =
    isMap(ref) &&
    texts.every((name) => typeof ref[name] === "string") &&
    (ref["strategy"] === null || typeof ref["strategy"] === "string") &&
    typeof ref["beside"] === "number" &&
    (ref["part"] === "share" || ref["part"] === "enabled");
  if (!good) throw new Error(`${key} is no flag in Unleash`);
  return ref as UnleashRef;
}

/** A strategy that the server answered; null when it is none. */
export function toStrategy(json: Json): Strategy | null {
  if (!isMap(json) || typeof json["id"] !== "string" || typeof json["name"] !== "string")
    return null;
  const { parameters, milestoneId } = json;
  const rollout = isMap(parameters) ? parameters["rollout"] : undefined;
  return {
    id: json["id"],
    name: json["name"],
    title: typeof json["title"] === "string" ? json["title"] : "",
    disabled: json["disabled"] === true,
    rollout: typeof rollout === "string" || typeof rollout === "number" ? String(rollout) : null,
    narrowed: hasAny(json["constraints"]) || hasAny(json["segments"]),
    planned: milestoneId !== undefined && milestoneId !== null,
  };
}

function toFlag(json: Json): FlagEnvironment | null {
  if (!isMap(json) || typeof json["enabled"] !== "boolean") return null;
  const strategies = toStrategies(json["strategies"]);
  return strategies === null ? null : { enabled: json["enabled"], strategies };
}

function toStrategies(json: Json | undefined): readonly Strategy[] | null {
  if (!Array.isArray(json)) return null;
  const strategies = (json as readonly Json[]).map(toStrategy);
  return strategies.every((each) => each !== null) ? strategies : null;
}

function hasAny(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
