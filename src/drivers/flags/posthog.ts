import { z } from "zod";

import { sameValue, type Change, type Field, type FieldValue } from "../../core/field.ts";
import type { Json, Millis, Percent } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Reading, Request } from "../driver.ts";
import { connectionOf, sendRequest, type SendOptions } from "../rest/send-request.ts";
import { describeWish, flagProblem, flagShape, wishOf } from "./flag-input.ts";
import { offOf } from "./flag-off.ts";
import { parseShareText, shareText } from "./share-text.ts";

const posthogInput = z
  .strictObject({
    ...flagShape,
    project: z.number().int().positive().describe("the number of the project, as in its address"),
  })
  .superRefine((input, context) => {
    const message = flagProblem(input);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export type PosthogInput = z.infer<typeof posthogInput>;

/** How long what stands before the switch-off may take, so that there is time left for that. */
const BEFORE_KILL: Millis = 5000;

type PosthogRef = {
  readonly url: string;
  readonly project: number;
  readonly id: number;
  readonly part: "share" | "enabled";
};

type Doc = { readonly [key: string]: Json };

/** A flag as the service answers it, as far as it matters here. */
interface PosthogFlag {
  readonly active: boolean;
  readonly version: Json;
  readonly filters: Doc;
  readonly groups: readonly Doc[];
}

/**
 * Shifts users by the percentage of a flag's one release condition in PostHog, or switches a whole flag. The service takes
 * filters as a whole only, so they are read, changed in one number and written with the version that was read: a write
 * that comes late conflicts.
 * https://posthog.com/docs/api/feature-flags
 */
export const posthog: ActionDriver<PosthogInput> = {
  kind: "posthog",
  description: "sets the share of a flag in PostHog, or switches it on or off",
  connections: ["http"],
  traffic: true,
  input: posthogInput,
  refuses: {
    routes: {
      why: "release conditions of PostHog are joined by OR, and the share would no longer be the one of the stage",
      fix: "remove it, and give these users a flag of their own",
    },
  },
  style: () => "fields",
  preview(request) {
    const { flag } = request.input;
    const does = `set flag ${flag} to ${describeWish(request)} in PostHog`;
    return [{ does, undo: `the state of flag ${flag} before: active or not, and its percentage` }];
  },
  changes: async (request, context) => await find(request, context),
  read,
  write,
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a flag is not called, it is set")),
  async permissions(request, context) {
    const found = await find(request, context);
    return found.kind === "ok" ? [] : [found.why];
  },
  off: offOf,
};

async function find(
  request: Request<PosthogInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return wish;
  const { flag, project } = request.input;
  const url = connectionOf(context)?.url;
  if (url === undefined) return failed("it names no connection of type http that leads to PostHog");
  const path = `/api/projects/${project}/feature_flags/?search=${encodeURIComponent(flag)}`;
  const listed = await ask(path, context);
  if (listed.kind !== "ok") return listed;
  const all = isMap(listed.value) ? listed.value["results"] : undefined;
  if (!Array.isArray(all)) return unknown(`GET ${path} answered no list of flags`);
  const one = (all as readonly Json[]).filter(isMap).find(({ key }) => key === flag);
  const live = one === undefined ? null : toFlag(one);
  if (one === undefined || live === null || typeof one["id"] !== "number")
    return failed(`project ${project} has no flag ${flag}`);
  const part = wish.value.kind === "share" ? "share" : "enabled";
  const problem =
    wish.value.kind === "share"
      ? shareProblem(flag, one, live, wish.value.share)
      : switchProblem(flag, live, wish.value);
  if (problem !== null) return failed(problem);
  const ref: PosthogRef = { url, project, id: one["id"], part };
  const target = `posthog/${url}/${project}/${ref.id}`;
  const value =
    wish.value.kind === "share" ? shareText({ on: true, share: wish.value.share }) : wish.value.on;
  const label = `flag ${flag}, ${part === "share" ? "share" : "switch"}`;
  const owner = { driver: "posthog", connection: request.connectionName };
  const field: Field = { key: `${target}#${part}`, target, ...owner, ref, label };
  return ok([{ field, value: { present: true, value } }]);
}

/** Why the share of this flag would be a lie; null when it would not. */
function shareProblem(
  name: string,
  whole: Doc,
  { filters, groups }: PosthogFlag,
  share: Percent,
): string | null {
  if (!Number.isInteger(share)) return `${share} %: PostHog takes whole percents`;
  if (groups.length !== 1)
    return `flag ${name} has ${groups.length} release conditions, and each of them lets users in, whatever the share of another: keep one`;
  const owned = [whole["experiment_set"], filters["super_groups"], filters["holdout_groups"]];
  return owned.some((each) => Array.isArray(each) && each.length > 0)
    ? `flag ${name} is run by an experiment, an early access feature or a holdout: end that first`
    : null;
}

/** Why switching this flag would serve more users than one thinks; null when it would not. */
function switchProblem(
  name: string,
  { active, groups }: PosthogFlag,
  to: { readonly on: boolean; readonly everyone: boolean },
): string | null {
  const open = groups.some(({ properties, rollout_percentage: share }) => {
    const narrowed = Array.isArray(properties) && properties.length > 0;
    return !narrowed && (share === undefined || share === null || share === 100);
  });
  return to.on && !active && !to.everyone && open
    ? `flag ${name} would serve everyone once it is on: add \`everyone: true\` if that is meant, or say \`share\``
    : null;
}

async function read(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const readings: Reading[] = [];
  for (const field of fields) {
    const live = await fetchFlag(refOf(field), context);
    if (live.kind !== "ok") return live;
    readings.push({ field, value: valueOf(live.value, refOf(field)), mark: null });
  }
  return ok(readings);
}

async function write(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  for (const [index, { field, value }] of changes.entries()) {
    const answer = await writeOne(refOf(field), value, context);
    if (answer.kind !== "ok") return index > 0 ? unknown(answer.why) : answer;
  }
  return ok(null);
}

async function writeOne(
  ref: PosthogRef,
  value: FieldValue,
  context: DriverContext,
): Promise<Answer<null>> {
  if (ref.part === "enabled")
    return value.present && typeof value.value === "boolean"
      ? await patch(ref, { active: value.value }, value, context)
      : failed(`a flag is on or off, and not ${JSON.stringify(value)}`);
  const wanted = stateOf(value);
  if (wanted === null) return failed(`a flag cannot be set to ${JSON.stringify(value)}`);
  // Off needs no reading, so it comes first, and nothing that fails later takes it back.
  const off = wanted.on ? null : await patch(ref, { active: false }, null, context);
  const exact = await writeShare(ref, wanted, value, context);
  if (exact.kind === "ok") return exact;
  if (off !== null) return off.kind === "ok" ? unknown(`it is off, but ${exact.why}`) : exact;
  if (wanted.share !== 0) return exact;
  const killed = await patch(ref, { active: false }, null, context);
  const then = killed.kind === "ok" ? "it is switched off instead" : `then ${killed.why}`;
  return { ...exact, why: `${exact.why}; ${then}` };
}

async function writeShare(
  ref: PosthogRef,
  wanted: { readonly on: boolean; readonly share: Percent | null },
  value: FieldValue,
  context: DriverContext,
): Promise<Answer<null>> {
  const live = await fetchFlag(ref, context, BEFORE_KILL);
  if (live.kind !== "ok") return context.signal.aborted ? unknown(live.why) : live;
  const { active, filters, version } = live.value;
  const [first, ...rest] = live.value.groups;
  const groups = [{ ...first, rollout_percentage: wanted.share }, ...rest];
  const original = { active, filters };
  const body = { active: wanted.on, filters: { ...filters, groups }, version };
  return await patch(ref, { ...body, original_flag: original }, value, context);
}

/** A success says what it made of the flag: anything else under a 200 is no success. */
async function patch(
  ref: PosthogRef,
  body: Json,
  value: FieldValue | null,
  context: DriverContext,
): Promise<Answer<null>> {
  const url = pathOf(ref);
  if (connectionOf(context)?.url !== ref.url)
    return failed(`the flag is at ${ref.url}, and the connection leads elsewhere now`);
  const request = { method: "PATCH", url, header: {}, bearer: null, json: "${value}" } as const;
  const lookup = (name: string): Json | undefined => (name === "value" ? body : undefined);
  const sent = await sendRequest(request, context, { lookup, expect: [200, 409] });
  if (sent.kind !== "ok") return sent;
  if (sent.value.status === 409)
    return { kind: "refused", why: "someone else changed the flag between reading and writing it" };
  const flag = toFlag(parsed(sent.value.body));
  if (flag === null) return unknown(`PATCH ${url} answered something else than a flag`);
  const done = value === null ? !flag.active : sameValue(valueOf(flag, ref), value);
  return done ? ok(null) : unknown(`PATCH ${url} answered a flag that is not as it was asked for`);
}

async function fetchFlag(
  ref: PosthogRef,
  context: DriverContext,
  timeout?: Millis,
): Promise<Answer<PosthogFlag>> {
  if (connectionOf(context)?.url !== ref.url)
    return failed(`the flag is at ${ref.url}, and the connection leads elsewhere now`);
  const json = await ask(pathOf(ref), context, timeout === undefined ? {} : { timeout });
  if (json.kind !== "ok") return json;
  const flag = toFlag(json.value);
  return flag === null
    ? unknown(`GET ${pathOf(ref)} answered something else than a flag`)
    : ok(flag);
}

async function ask(
  url: string,
  context: DriverContext,
  options: SendOptions = {},
): Promise<Answer<Json>> {
  const request = { method: "GET", url, header: {}, bearer: null } as const;
  const reply = await sendRequest(request, context, options);
  if (reply.kind !== "ok") return reply;
  const json = parsed(reply.value.body);
  return json === undefined ? unknown(`GET ${url} did not answer JSON`) : ok(json);
}

function valueOf({ active, groups }: PosthogFlag, { part }: PosthogRef): FieldValue {
  if (part === "enabled") return { present: true, value: active };
  const share = groups[0]?.["rollout_percentage"] ?? null;
  if (groups.length === 1 && typeof share === "number")
    return { present: true, value: shareText({ on: active, share }) };
  // No percentage is everyone; a second condition is no share any more, and nothing that can be written.
  return { present: true, value: { on: active, share, conditions: groups.length } };
}

function stateOf(value: FieldValue): { on: boolean; share: Percent | null } | null {
  const text = parseShareText(value);
  if (text !== null || !value.present || !isMap(value.value)) return text;
  const { on, share, conditions } = value.value;
  return typeof on === "boolean" && share === null && conditions === 1 ? { on, share } : null;
}

function toFlag(json: Json | undefined): PosthogFlag | null {
  const filters = isMap(json) ? json["filters"] : undefined;
  const groups = isMap(filters) ? filters["groups"] : undefined;
  if (!isMap(json) || typeof json["active"] !== "boolean" || json["deleted"] === true) return null;
  if (!isMap(filters) || !Array.isArray(groups)) return null;
  const maps = (groups as readonly Json[]).filter(isMap);
  return { active: json["active"], version: json["version"] ?? null, filters, groups: maps };
}

function refOf({ key, ref }: Field): PosthogRef {
  if (!isMap(ref) || typeof ref["url"] !== "string" || typeof ref["id"] !== "number")
    throw new Error(`${key} is no flag in PostHog`);
  return ref as PosthogRef;
}

function pathOf({ project, id }: PosthogRef): string {
  return `/api/projects/${project}/feature_flags/${id}/`;
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}

function isMap(json: Json | undefined): json is Doc {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
