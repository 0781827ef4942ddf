import { z } from "zod";

import type { Json } from "../core/units.ts";
import { cutText } from "./cut-text.ts";
import { callJson, type Answered } from "./http-delivery.ts";
import { OPEN, type Delivery, type Notice, type SinkContext, type SinkDriver } from "./sink.ts";
import { webLinks } from "./web-links.ts";

const config = z.strictObject({
  key: z
    .string()
    .min(1)
    .describe("the integration (routing) key, as a reference like ${env:PD_KEY}"),
  severity: z
    .enum(["critical", "error", "warning", "info"])
    .optional()
    .describe("of the incident; without it critical"),
  url: z.string().min(1).optional().describe("address of the Events API; without it PagerDuty's"),
});

type Config = z.infer<typeof config>;

const URL = "https://events.pagerduty.com";
const SUMMARY = 1024;

/**
 * Steps are change events, which are shown beside incidents and page nobody. An incident is opened only when a person is
 * needed, one for each rollout, and resolved when the reason is over.
 */
export const pagerduty: SinkDriver<Config> = {
  type: "pagerduty",
  description: "tells PagerDuty: change events for steps, an incident only when a person is needed",
  config,
  secrets: ["key"],
  options: null,
  closes: "reason",
  async deliver(notice, context) {
    const { receipt } = context;
    const incident = `canary/${notice.plan}/${notice.rollout}`;
    if (notice.needsPerson) {
      const answer = await enqueue(context, "/v2/enqueue", trigger(notice, context, incident));
      // A page is over when the rollout is; a hold when it is.
      const until = notice.event === "held" && receipt["until"] !== "end" ? "resumed" : "end";
      return end(answer, { [OPEN]: incident, until });
    }
    if (notice.asked && receipt["changed"] !== notice.key) {
      const answer = await enqueue(context, "/v2/change/enqueue", change(notice));
      if (answer.kind !== "accepted") return answer;
    }
    const open = receipt[OPEN];
    const isOver = notice.isEnd || receipt["until"] === "resumed";
    if (!notice.isOver || !isOver || open === undefined) return { kind: "delivered" };
    const answer = await enqueue(context, "/v2/enqueue", {
      event_action: "resolve",
      dedup_key: open,
    });
    // A second try must not show the change a second time.
    return answer.kind === "accepted"
      ? { kind: "delivered", receipt: {} }
      : { ...answer, receipt: { ...receipt, changed: notice.key } };
  },
};

function end(answer: Answered, receipt: Readonly<Record<string, string>>): Delivery {
  return answer.kind === "accepted" ? { kind: "delivered", receipt } : answer;
}

function enqueue(
  { config, http, signal, now }: SinkContext<Config>,
  path: string,
  event: Readonly<Record<string, Json>>,
): Promise<Answered> {
  const url = `${(config.url ?? URL).replace(/\/$/u, "")}${path}`;
  const json = { routing_key: config.key, ...event };
  return callJson({ http, signal, now, method: "POST", url, json });
}

function trigger(
  notice: Notice,
  { config }: SinkContext<Config>,
  incident: string,
): Readonly<Record<string, Json>> {
  return {
    event_action: "trigger",
    dedup_key: incident,
    client: "canary",
    links: webLinks(notice),
    payload: {
      ...payload(notice),
      severity: config.severity ?? "critical",
      component: notice.plan,
    },
  };
}

function change(notice: Notice): Readonly<Record<string, Json>> {
  return { payload: payload(notice), links: webLinks(notice) };
}

function payload(notice: Notice): Readonly<Record<string, Json>> {
  const { stage, text, rollout, event, at } = notice;
  const place = stage === null ? {} : { stage: stage.name, share: stage.share };
  return {
    summary: cutText(notice.subject, SUMMARY),
    source: "canary",
    timestamp: new Date(at).toISOString(),
    custom_details: { rollout, event, ...place, ...(text === "" ? {} : { text }) },
  };
}
