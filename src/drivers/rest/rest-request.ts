import type { Json } from "../../core/units.ts";

// No zod in here, nor in what reads and writes fields: an abort must not wait for schemas.

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** A request as data, its texts still with placeholders. What a field's `ref` holds, so plain JSON. */
export type RestRequest = {
  readonly method: Method;
  readonly url: string;
  readonly header: Readonly<Record<string, string>>;
  readonly bearer: string | null;
  readonly json?: Json;
  readonly body?: string;
};

/** A request as a plan writes it: the method is the key of its address. */
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

/** Where the undo of a request has the value from before the rollout, for people. */
export const BEFORE = "<value before>";

/** `PUT /flags/x {"percentage":5}`: secrets stay references. */
export function describeRequest(request: RestRequest): string {
  const sent = request.json === undefined ? request.body : JSON.stringify(request.json);
  return `${request.method} ${request.url}${sent === undefined ? "" : ` ${sent}`}`;
}
