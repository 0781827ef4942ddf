import { z } from "zod";

import type { Change } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { readJsonPath, writeJsonPath } from "../json-path.ts";
import { callHttp, withShare } from "../rest/call-http.ts";
import { readRestFields } from "../rest/read-fields.ts";
import { askShape, requestInput, requestProblem, requestShape } from "../rest/request-input.ts";
import { restChanges } from "../rest/rest-changes.ts";
import { REST_CONNECTIONS } from "../rest/rest-connection.ts";
import { restProblems } from "../rest/rest-problems.ts";
import { BEFORE, describeRequest, toRequest, type RequestInput } from "../rest/rest-request.ts";
import { writeRestFields } from "../rest/write-fields.ts";
import { mapTexts, placeholders } from "../template.ts";

const VALUE = "${value}";

const httpInput = z
  .strictObject({
    ...requestShape,
    expect: z
      .strictObject({
        status: z.union([z.int(), z.array(z.int()).min(1)]).describe("one status, or a list"),
      })
      .optional()
      .describe("statuses that mean success; without it 200 to 299"),
    read: z
      .strictObject({
        ...askShape,
        json: jsonPathInput.describe("where the value stands in the answer"),
        type: z
          .enum(["number", "string", "boolean"])
          .optional()
          .describe("the type to compare it as, where the API mixes texts and numbers"),
      })
      .optional()
      .describe(
        "reads the value back; with it the action has its undo: the value that was read before",
      ),
    value: z.json().optional().describe("the new value, where the request says ${value}"),
    delete: requestInput.optional().describe("removes what did not exist before"),
  })
  .superRefine((input, context) => {
    const problem = requestProblem(input) ?? fieldProblem(input);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

export type HttpInput = z.infer<typeof httpInput>;

/**
 * A request that changes something. With `read` the thing has a value: it is captured, written, read back and undone.
 * The new value stands in the request's JSON at the path that `read` names, or in `value` where the request says
 * `${value}`. Without `read` it is one call, and the plan states its undo. Under `traffic` its `${traffic}` is the share.
 */
export const http: ActionDriver<HttpInput> = {
  kind: "http",
  description: "sends one HTTP request",
  connections: REST_CONNECTIONS,
  traffic: true,
  input: httpInput,
  style: (input) => (input.read === undefined ? "call" : "fields"),
  preview(request) {
    const input = withShare(request);
    const undo = input.read === undefined ? "as the plan states" : describeUndo(input, input.read);
    return [{ does: describeRequest(toRequest(input)), undo }];
  },
  changes: (request, context) => Promise.resolve(changesOf(request, context)),
  read: readRestFields,
  write: writeRestFields,
  settle: () => Promise.resolve(ok(null)),
  call: callHttp,
  permissions,
};

/** The same request with the value that was read before in its place; another one where there was none. */
function describeUndo(input: HttpInput, read: NonNullable<HttpInput["read"]>): string {
  const request = toRequest(input);
  const placed =
    input.value === undefined ? writeJsonPath(request.json ?? {}, read.json, BEFORE) : null;
  const back = placed === null ? request : { ...request, json: placed.json };
  const text = describeRequest(back).replaceAll(VALUE, BEFORE);
  const none =
    input.delete === undefined
      ? ""
      : `; where there was none: ${describeRequest(toRequest(input.delete))}`;
  return `${text}, read at the start with GET ${read.GET}${none}`;
}

function changesOf(request: Request<HttpInput>, context: DriverContext): Answer<readonly Change[]> {
  const input = withShare(request);
  if (input.read === undefined) return ok([]);
  const value = newValue(input, context);
  if (value.kind !== "ok") return value;
  return restChanges(
    {
      driver: "http",
      connection: request.connectionName,
      name: input.read.GET,
      read: toRequest({
        GET: input.read.GET,
        header: input.read.header,
        bearer: input.read.bearer,
      }),
      write: toRequest(input),
      remove: input.delete === undefined ? null : toRequest(input.delete),
      kill: null,
      type: input.read.type ?? null,
      values: [
        {
          path: input.read.json,
          at: input.value === undefined ? input.read.json : null,
          value: { present: true, value: value.value },
          absentAs: null,
        },
      ],
    },
    context,
  );
}

/** The value the field will have: references in it are resolved now, since it is compared with what is read back. */
function newValue(input: HttpInput, context: DriverContext): Answer<Json> {
  try {
    return ok(mapTexts(input.value ?? sentValue(input), (text) => context.resolve(text)));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function sentValue(input: Pick<HttpInput, "json" | "read">): Json {
  const sent = readJsonPath(input.json ?? null, input.read?.json ?? "");
  return sent.found ? sent.value : null;
}

async function permissions(
  request: Request<HttpInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const changes = changesOf(request, context);
  if (changes.kind !== "ok") return [changes.why];
  return await restProblems(
    changes.value,
    "state a `delete` beside `read` that removes it again (an `undo` of the action is made beside this one, not instead of it)",
    context,
  );
}

function isSecret(name: string): boolean {
  return /^(env|file):/.test(name);
}

function fieldProblem(
  input: RequestInput & Pick<HttpInput, "read" | "value" | "delete" | "json">,
): string | null {
  const request = toRequest(input);
  const marked = JSON.stringify([request.url, request.json, request.body]).includes(VALUE);
  if (input.read === undefined) {
    if (input.value !== undefined || input.delete !== undefined || marked)
      return "`value`, `delete` and ${value} belong to an action with `read`: add it";
    return null;
  }
  if (placeholders(JSON.stringify([input.value, sentValue(input)])).some(isSecret))
    return "the value is a secret, and a captured one would lie in the rollback bundle: leave `read` out and state an `undo`";
  if (request.method === "GET") return "a GET changes nothing: use PUT, PATCH or POST";
  if (marked !== (input.value !== undefined))
    return marked
      ? "the request says ${value}, but `value` is missing"
      : "`value` is given, but the request does not say ${value}";
  if (marked || readJsonPath(input.json ?? null, input.read.json).found) return null;
  return `the request sends nothing at "${input.read.json}", which \`read\` reads: put the new value there, or write \${value} and state \`value\``;
}
