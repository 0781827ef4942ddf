import { z } from "zod";

import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { httpConnection } from "../rest/http-connection.ts";
import { toRequest } from "../rest/rest-request.ts";
import { sendRequest } from "../rest/send-request.ts";

const metricsEvidence = z.strictObject({
  metrics: z.string().min(1).describe("the name of an openmetrics or http-json connection"),
});

export type MetricsEvidenceInput = z.infer<typeof metricsEvidence>;

/** What a metric connection would sign in with is what an HTTP connection has; its other keys are the source's own. */
const address = z.object(httpConnection.shape);

/** The page of a metric connection, as it stands at this moment. */
export const metricsPage: EvidenceDriver<MetricsEvidenceInput> = {
  kind: "metrics",
  description: "keeps the page of metrics that a connection scrapes",
  connections: ["openmetrics", "http-json"],
  input: metricsEvidence,
  preview: ({ metrics }) => `the metrics page of ${metrics}`,
  take,
};

async function take(
  { metrics }: MetricsEvidenceInput,
  context: DriverContext,
): Promise<EvidenceResult> {
  const connection = address.safeParse(context.connection);
  if (!connection.success) return { kind: "missing", why: `${metrics} has no address` };
  const { data } = connection;
  const own = {
    ...context,
    connection: JSON.parse(JSON.stringify(data)) as typeof context.connection,
  };
  const answer = await sendRequest(toRequest({ GET: data.url }), own);
  return answer.kind === "ok"
    ? { kind: "taken", content: answer.value.body }
    : { kind: "missing", why: answer.why };
}
