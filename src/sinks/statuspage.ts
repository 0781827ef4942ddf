import { z } from "zod";

import type { Json } from "../core/units.ts";
import { callJson, textAt } from "./http-delivery.ts";
import type { Notice, SinkContext, SinkDriver } from "./sink.ts";

const config = z.strictObject({
  page: z.string().min(1).describe("the id of the page"),
  token: z.string().min(1).describe("an API key, as a reference like ${env:STATUSPAGE_TOKEN}"),
  components: z.array(z.string().min(1)).optional().describe("ids of the components it concerns"),
  url: z.string().min(1).optional().describe("address of the API; without it Statuspage's"),
});

type Config = z.infer<typeof config>;

const options = z.strictObject({
  status: z
    .enum(["investigating", "identified", "monitoring", "resolved"])
    .describe("what the public page says of the incident"),
  impact: z
    .enum(["none", "minor", "major", "critical"])
    .optional()
    .describe("how grave the public page says it is"),
  component: z
    .enum([
      "operational",
      "degraded_performance",
      "partial_outage",
      "major_outage",
      "under_maintenance",
    ])
    .optional()
    .describe("what the components of the connection are set to"),
  subscribers: z.boolean().optional().describe("whether subscribers are told; without it not"),
});

const URL = "https://api.statuspage.io";
const INCIDENT = "incident";

/**
 * One incident for each rollout, which the lines of `on:` open, change and resolve. The page is public: nothing is shown
 * on it that a line does not state with `status`, and no incident is closed by itself.
 */
export const statuspage: SinkDriver<Config> = {
  type: "statuspage",
  description: "changes the incident of a Statuspage, only where a line of `on` states a `status`",
  config,
  secrets: ["token"],
  options,
  closes: null,
  async deliver(notice, context) {
    const { config, http, signal, now, receipt } = context;
    const incident = receipt[INCIDENT];
    const base = `${(config.url ?? URL).replace(/\/$/u, "")}/v1/pages/${encodeURIComponent(config.page)}/incidents`;
    const answer = await callJson({
      http,
      signal,
      now,
      method: incident === undefined ? "POST" : "PATCH",
      url: incident === undefined ? base : `${base}/${encodeURIComponent(incident)}`,
      headers: { authorization: `OAuth ${config.token}` },
      json: { incident: incidentOf(notice, context) },
      // What this API said before 429 was usual.
      isBusy: ({ status }) => (status === 420 ? { after: null } : null),
    });
    if (answer.kind !== "accepted") return answer;
    if (context.options["status"] === "resolved") return { kind: "delivered", receipt: {} };
    const id = textAt(answer.json, "id") ?? incident ?? null;
    if (id === null) return { kind: "refused", why: "Statuspage answered without an id" };
    return { kind: "delivered", receipt: { [INCIDENT]: id } };
  },
};

function incidentOf(notice: Notice, { config, options }: SinkContext<Config>): Json {
  const { subject, text } = notice;
  const { status, impact, component, subscribers = false } = options;
  const { components } = config;
  return {
    name: subject,
    status: status ?? "investigating",
    body: text === "" ? subject : text,
    deliver_notifications: subscribers,
    ...(impact === undefined ? {} : { impact_override: impact }),
    ...(components === undefined ? {} : { component_ids: components }),
    ...(components === undefined || component === undefined
      ? {}
      : { components: Object.fromEntries(components.map((id) => [id, component])) }),
  };
}
