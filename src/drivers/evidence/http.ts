import { z } from "zod";

import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { REST_CONNECTIONS } from "../rest/rest-connection.ts";
import { describeRequest } from "../rest/rest-request.ts";
import { sendRequest } from "../rest/send-request.ts";
import { shortRequestShape, toShortRequest } from "../rest/short-request.ts";

const httpEvidence = z.strictObject(shortRequestShape);

export type HttpEvidenceInput = z.infer<typeof httpEvidence>;

/** The body of an HTTP answer, kept as it is. */
export const httpAnswer: EvidenceDriver<HttpEvidenceInput> = {
  kind: "http",
  description: "keeps the body of an HTTP answer",
  connections: REST_CONNECTIONS,
  input: httpEvidence,
  preview: (input) => describeRequest(toShortRequest(input)),
  take,
};

async function take(input: HttpEvidenceInput, context: DriverContext): Promise<EvidenceResult> {
  const answer = await sendRequest(toShortRequest(input), context);
  return answer.kind === "ok"
    ? { kind: "taken", content: answer.value.body }
    : { kind: "missing", why: answer.why };
}
