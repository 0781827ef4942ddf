import { z } from "zod";

import type { Json } from "../../core/units.ts";
import { METHODS, type Method, type RequestInput } from "./rest-request.ts";

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
