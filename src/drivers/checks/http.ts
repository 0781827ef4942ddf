import { z } from "zod";

import type { CheckDriver, CheckResult, DriverContext } from "../driver.ts";
import { REST_CONNECTIONS } from "../rest/rest-connection.ts";
import { describeRequest } from "../rest/rest-request.ts";
import { exchange } from "../rest/send-request.ts";
import { shortRequestShape, toShortRequest } from "../rest/short-request.ts";
import { mapTexts } from "../template.ts";
import { httpDifferences, httpExpect, type HttpExpect } from "./http-expect.ts";

const httpCheck = z.strictObject({
  ...shortRequestShape,
  expect: httpExpect.optional().describe("without it any status from 200 to 299"),
});

export type HttpCheckInput = z.infer<typeof httpCheck>;

/**
 * One request and what its answer must be. No answer is a failed check, not a blind one: a service that cannot be
 * reached is what a health check is there to find. Only a request that cannot be put together is an error.
 */
export const http: CheckDriver<HttpCheckInput> = {
  kind: "http",
  description: "asks an address and looks at status, headers and body",
  connections: REST_CONNECTIONS,
  input: httpCheck,
  preview: (input) => describeRequest(toShortRequest(input)),
  run,
};

async function run(input: HttpCheckInput, context: DriverContext): Promise<CheckResult> {
  const request = toShortRequest(input);
  const asked = `${request.method} ${request.url}`;
  const result = await exchange(request, context);
  if (result.kind === "failed") return { kind: "error", detail: result.why, body: "" };
  if (result.kind === "noAnswer")
    return {
      kind: context.signal.aborted ? "error" : "fail",
      detail: `${asked}: ${result.why}`,
      body: "",
    };
  const expect = resolved(input.expect ?? {}, context);
  if (typeof expect === "string") return { kind: "error", detail: expect, body: result.body };
  const differences = httpDifferences(expect, result);
  return differences.length === 0
    ? { kind: "pass", detail: `${asked} answered ${result.status}`, body: result.body }
    : { kind: "fail", detail: `${asked}: ${differences.join("; ")}`, body: result.body };
}

function resolved(expect: HttpExpect, context: DriverContext): HttpExpect | string {
  try {
    return mapTexts(expect as never, (text) => context.resolve(text)) as HttpExpect;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
