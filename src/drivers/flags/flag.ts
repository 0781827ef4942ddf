import { z } from "zod";

import type { Change, FieldValue } from "../../core/field.ts";
import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { readJsonPath } from "../json-path.ts";
import { readRestFields } from "../rest/read-fields.ts";
import { askShape, requestInput } from "../rest/request-input.ts";
import { restChanges } from "../rest/rest-changes.ts";
import { restProblems } from "../rest/rest-problems.ts";
import {
  BEFORE,
  describeRequest,
  toRequest,
  type RequestInput,
  type RestRequest,
} from "../rest/rest-request.ts";
import { writeRestFields } from "../rest/write-fields.ts";
import { fillJson, fillScalar, fillText, mapTexts, type Lookup } from "../template.ts";

const SHARE = "${traffic}";
const VALUE = "${value}";

const flagInput = z
  .strictObject({
    key: z.string().optional().describe("the flag's name, for people"),
    set: requestInput.describe("the request that sets the share, with ${traffic} where it goes"),
    read: z
      .strictObject({
        ...askShape,
        json: z
          .union([jsonPathInput, z.array(jsonPathInput).min(1)])
          .describe("where the share stands in the answer; more paths are restored along with it"),
        type: z
          .enum(["number", "string", "boolean"])
          .optional()
          .describe("the type to compare it as, where the API mixes texts and numbers"),
      })
      .describe("the request that reads the share back"),
    kill: requestInput.optional().describe("a second way to switch it off, when `set` fails"),
    delete: requestInput.optional().describe("removes a flag that did not exist before"),
  })
  .superRefine((input, context) => {
    for (const message of problems(input)) context.addIssue({ code: "custom", message });
  });

export type FlagInput = z.infer<typeof flagInput>;

/**
 * A feature flag behind any HTTP API, described in the plan. The share is a field: set absolutely, read back, undone to
 * the value before. Off (0, false, absent) is written by `set` first, because only that restores the exact value, and by
 * `kill` when `set` did not succeed. A flag that did not exist is removed by `delete`; without one it can only be set
 * to 0, which `permissions` says before the rollout starts.
 */
export const flag: ActionDriver<FlagInput> = {
  kind: "flag",
  description: "shifts a percentage of users through a feature flag's HTTP API",
  connections: ["http"],
  traffic: true,
  input: flagInput,
  style: () => "fields",
  preview({ input, share }) {
    const set = describeRequest(withShare(toRequest(input.set), share ?? 0));
    const back = describeRequest(withValue(toRequest(input.set))).replaceAll(VALUE, BEFORE);
    const none =
      input.delete === undefined
        ? ""
        : `; where there was none: ${describeRequest(toRequest(input.delete))}`;
    const undo = `${back}, read at the start${none}`;
    return [{ does: set, undo }];
  },
  changes: (request, context) => Promise.resolve(changesOf(request, context)),
  read: readRestFields,
  write: writeRestFields,
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a flag is not called, it is set")),
  permissions,
};

function changesOf(
  { input, share, connectionName }: Request<FlagInput>,
  context: DriverContext,
): Answer<readonly Change[]> {
  if (share === null) return failed("a flag needs a share: put it under `traffic`");
  const set = toRequest(input.set);
  return restChanges(
    {
      driver: "flag",
      connection: connectionName,
      name: nameOf(input),
      read: toRequest({
        GET: input.read.GET,
        header: input.read.header,
        bearer: input.read.bearer,
      }),
      write: withValue(set),
      remove: input.delete === undefined ? null : toRequest(input.delete),
      kill: input.kill === undefined ? null : toRequest(input.kill),
      type: input.read.type ?? null,
      values: pathsOf(input).map((path, index) =>
        index === 0
          ? { path, at: null, value: shareValue(set, share), absentAs: 0 }
          : { path, at: path, value: companion(set, path), absentAs: null },
      ),
    },
    context,
  );
}

async function permissions(
  request: Request<FlagInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const changes = changesOf({ ...request, share: request.share ?? 0 }, context);
  if (changes.kind !== "ok") return [changes.why];
  const hint = "without a `delete` rollback can only set it to 0";
  return await restProblems(changes.value, hint, context);
}

function problems(input: {
  readonly set: RequestInput;
  readonly read: { readonly json: string | readonly string[] };
}): readonly string[] {
  const set = toRequest(input.set);
  const leaves = leavesWithShare(set.json ?? null);
  const texts = [set.url, set.body ?? "", ...Object.values(set.header)];
  const places = leaves.length + texts.filter((text) => text.includes(SHARE)).length;
  const found: string[] = [];
  if (places === 0) found.push(`\`set\` does not say where the share goes: write "${SHARE}" there`);
  if (places > 1 && leaves.some((leaf) => leaf !== SHARE))
    found.push(`"${SHARE}" stands in several places with text around it: keep one`);
  for (const path of pathsOf(input).slice(1)) {
    const there = readJsonPath(set.json ?? null, path);
    if (!there.found)
      found.push(`\`read\` restores "${path}", which \`set\` does not send: add it to its json`);
    else if (typeof there.value === "string" && there.value.includes(SHARE))
      found.push(`"${path}" is the share: name it first in \`read\``);
  }
  return found;
}

function pathsOf(input: {
  readonly read: { readonly json: string | readonly string[] };
}): string[] {
  return [input.read.json].flat();
}

function nameOf(input: FlagInput): string {
  const last = input.read.GET.split(/[?#]/)[0]
    ?.split("/")
    .findLast((part) => part !== "");
  return `flag ${input.key ?? last ?? input.read.GET}`;
}

function leavesWithShare(json: Json): readonly string[] {
  const leaves: string[] = [];
  mapTexts(json, (text) => {
    if (text.includes(SHARE)) leaves.push(text);
    return text;
  });
  return leaves;
}

/** The whole text that holds the share gives way to the value, so that undo can put back whatever was there. */
function withValue(set: RestRequest): RestRequest {
  return {
    ...set,
    url: set.url.replaceAll(SHARE, VALUE),
    header: mapTexts(set.header, (text) => text.replaceAll(SHARE, VALUE)) as RestRequest["header"],
    ...(set.json === undefined
      ? {}
      : {
          json: mapTexts(set.json, (text) => (text.includes(SHARE) ? VALUE : text)),
        }),
    ...(set.body === undefined ? {} : { body: set.body.replaceAll(SHARE, VALUE) }),
  };
}

function withShare(set: RestRequest, share: Percent): RestRequest {
  const lookup: Lookup = (name) => (name === "traffic" ? share : undefined);
  return {
    ...set,
    url: fillText(set.url, lookup),
    ...(set.json === undefined ? {} : { json: fillJson(set.json, lookup) }),
    ...(set.body === undefined ? {} : { body: fillText(set.body, lookup) }),
  };
}

/** What the flag holds once the share is set: a number where the plan writes exactly `${traffic}`, else the text around it. */
function shareValue(set: RestRequest, share: Percent): FieldValue {
  const [leaf] = leavesWithShare(set.json ?? null);
  const lookup: Lookup = (name) => (name === "traffic" ? share : undefined);
  return { present: true, value: leaf === undefined ? share : fillScalar(leaf, lookup) };
}

function companion(set: RestRequest, path: string): FieldValue {
  const constant = readJsonPath(set.json ?? null, path);
  return constant.found ? { present: true, value: constant.value } : { present: false };
}
