import { z } from "zod";

import type { Json } from "../../core/units.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];

const anyJson: z.ZodType<Json> = z.json();

const address = (method: Method): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${method} this path of the connection, or this full address`);

const methodShape = {
  GET: address("GET"),
  POST: address("POST"),
  PUT: address("PUT"),
  PATCH: address("PATCH"),
  DELETE: address("DELETE"),
};

const credentialShape = {
  header: z.record(z.string(), z.string()).optional().describe("request headers by name"),
  bearer: z.string().optional().describe("a bearer token, as a reference like ${env:TOKEN}"),
};

/** The keys of a request that only asks: `{ GET: /flags/x, header, bearer }`. */
export const askShape = { GET: z.string().min(1).describe("the address"), ...credentialShape };

/** The keys of any request: one method with its address, and what is sent. Use with `requestProblem`. */
export const requestShape = {
  ...methodShape,
  ...credentialShape,
  json: anyJson.optional().describe("the body, sent as JSON"),
  body: z.string().optional().describe("the body as text"),
};

export interface RequestInput {
  readonly GET?: string | undefined;
  readonly POST?: string | undefined;
  readonly PUT?: string | undefined;
  readonly PATCH?: string | undefined;
  readonly DELETE?: string | undefined;
  readonly header?: Readonly<Record<string, string>> | undefined;
  readonly bearer?: string | undefined;
  readonly json?: Json | undefined;
  readonly body?: string | undefined;
}

/** What the schema alone cannot say about a request; null when nothing is wrong. */
export function requestProblem(input: RequestInput): string | null {
  const used = METHODS.filter((method) => input[method] !== undefined);
  if (used.length === 0) return `no method: write one of ${METHODS.join(", ")} with the address`;
  if (used.length > 1) return `${used.join(" and ")} in one request: keep one`;
  if (input.json !== undefined && input.body !== undefined)
    return "both `json` and `body`: keep one";
  if (used[0] === "GET" && (input.json !== undefined || input.body !== undefined))
    return "a GET carries no body: use POST, or put it into the address";
  return null;
}

/** A schema of a request on its own: `delete: { DELETE: /flags/x }`. */
export const requestInput = z.strictObject(requestShape).superRefine((input, context) => {
  const problem = requestProblem(input);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

/** A request as data, its texts still with placeholders. What a field's `ref` holds, so plain JSON. */
export const restRequest = z.object({
  method: z.enum(METHODS),
  url: z.string(),
  header: z.record(z.string(), z.string()),
  bearer: z.string().nullable(),
  json: anyJson.exactOptional(),
  body: z.string().exactOptional(),
});
export type RestRequest = z.infer<typeof restRequest>;

/** The request that a plan's keys describe. Expects input without a `requestProblem`. */
export function toRequest(input: RequestInput): RestRequest {
  const method = METHODS.find((each) => input[each] !== undefined) ?? "GET";
  return {
    method,
    url: input[method] ?? "",
    header: { ...input.header },
    bearer: input.bearer ?? null,
    ...(input.json === undefined ? {} : { json: input.json }),
    ...(input.body === undefined ? {} : { body: input.body }),
  };
}

/** `PUT /flags/x {"percentage":5}`: secrets stay references. */
export function describeRequest(request: RestRequest): string {
  const sent = request.json === undefined ? request.body : JSON.stringify(request.json);
  return `${request.method} ${request.url}${sent === undefined ? "" : ` ${sent}`}`;
}
