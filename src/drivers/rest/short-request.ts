import { z } from "zod";

import { requestInput, requestShape } from "./request-input.ts";
import { toRequest, type RestRequest } from "./rest-request.ts";

/** The keys of a check or an evidence item that sends one request, most often a plain GET. */
export const shortRequestShape = {
  http: z
    .union([z.string().min(1), requestInput])
    .describe("the address to GET, or { POST: address, json: … }"),
  header: requestShape.header,
  bearer: requestShape.bearer,
};

const shortRequest = z.object(shortRequestShape);
type ShortRequest = z.infer<typeof shortRequest>;

/** The request that these keys describe. */
export function toShortRequest(input: ShortRequest): RestRequest {
  const request = toRequest(typeof input.http === "string" ? { GET: input.http } : input.http);
  return {
    ...request,
    header: { ...request.header, ...input.header },
    bearer: input.bearer ?? request.bearer,
  };
}
