import { z } from "zod";

import type { Json } from "../core/units.ts";
import { callJson, textAt, type Answered } from "./http-delivery.ts";
import type { Delivery, Notice, Receipt, SinkContext, SinkDriver } from "./sink.ts";
import { livingMessage, plainMessage } from "./slack-message.ts";

const config = z
  .strictObject({
    token: z.string().min(1).optional().describe("a bot token with chat:write, as a reference"),
    channel: z.string().min(1).optional().describe("the channel, by its id or as #name"),
    url: z
      .string()
      .min(1)
      .optional()
      .describe("an incoming webhook instead, as a reference; it can neither change nor thread"),
    api: z.string().min(1).optional().describe("address of the API; without it slack.com"),
  })
  .refine(({ url, token }) => (url === undefined) !== (token === undefined), {
    message: "write `token` and `channel`, or the `url` of an incoming webhook",
  })
  .refine(({ url, channel }) => (url === undefined) === (channel !== undefined), {
    message: "`channel` goes with `token`; an incoming webhook has its own channel",
    path: ["channel"],
  });

type Config = z.infer<typeof config>;

const API = "https://slack.com/api";
/** Errors that pass: everything else of `ok: false` stays as it is until somebody changes something. */
const PASSING = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "message_limit_exceeded",
]);
/** The living message is gone, or may not be changed any more: a new one takes its place. */
const LOST = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

/**
 * With a bot token: one message for each rollout, changed as it goes on, with what happened in its thread. With the URL of
 * an incoming webhook: a message for each event.
 */
export const slack: SinkDriver<Config> = {
  type: "slack",
  description: "tells a Slack channel: one living message for each rollout, details in its thread",
  config,
  secrets: ["token", "url"],
  options: null,
  closes: null,
  async deliver(notice, context) {
    if (context.config.url !== undefined)
      return throughWebhook(notice, context, context.config.url);
    const { channel, ts } = context.receipt;
    if (channel === undefined || ts === undefined) return begin(notice, context);
    return goOn(notice, context, { channel, ts });
  },
};

/** Posts the living message. */
async function begin(notice: Notice, context: SinkContext<Config>): Promise<Delivery> {
  const channel = context.config.channel ?? "";
  const posted = await ask(context, "chat.postMessage", { channel, ...livingMessage(notice) });
  if (posted.kind !== "accepted") return posted;
  const receipt = { channel: textAt(posted.json, "channel"), ts: textAt(posted.json, "ts") };
  if (receipt.channel === null || receipt.ts === null)
    return { kind: "refused", why: "Slack answered without `channel` and `ts`" };
  return { kind: "delivered", receipt: { channel: receipt.channel, ts: receipt.ts } };
}

/** Changes the living message, then tells in its thread what happened; who is needed is told in the channel too. */
async function goOn(
  notice: Notice,
  context: SinkContext<Config>,
  message: { readonly channel: string; readonly ts: string },
): Promise<Delivery> {
  const { channel, ts } = message;
  if (context.receipt["shown"] !== notice.key) {
    const changed = await ask(context, "chat.update", { channel, ts, ...livingMessage(notice) });
    if (changed.kind === "refused" && LOST.has(changed.why)) return begin(notice, context);
    if (changed.kind !== "accepted") return changed;
  }
  const told = await ask(context, "chat.postMessage", {
    channel,
    thread_ts: ts,
    text: plainMessage(notice),
    reply_broadcast: notice.needsPerson,
    unfurl_links: false,
  });
  // A second try need not change the message again.
  const receipt: Receipt = { ...message, shown: notice.key };
  return told.kind === "accepted" ? { kind: "delivered", receipt } : { ...told, receipt };
}

/** Slack says 200 also to what it refuses: `ok` tells. */
async function ask(
  { config, http, signal, now }: SinkContext<Config>,
  method: string,
  json: Json,
): Promise<Answered> {
  const url = `${(config.api ?? API).replace(/\/$/u, "")}/${method}`;
  const headers = { authorization: `Bearer ${config.token ?? ""}` };
  const answer = await callJson({ http, signal, now, method: "POST", url, headers, json });
  if (answer.kind !== "accepted") return answer;
  const { json: body } = answer;
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return { kind: "again", why: "the answer is not Slack's", after: null };
  if ("ok" in body && body.ok === true) return answer;
  const why = textAt(body, "error") ?? "Slack said no, without a reason";
  return PASSING.has(why) ? { kind: "again", why, after: null } : { kind: "refused", why };
}

async function throughWebhook(
  notice: Notice,
  { http, signal, now }: SinkContext<Config>,
  url: string,
): Promise<Delivery> {
  const json = { text: plainMessage(notice) };
  const answer = await callJson({ http, signal, now, method: "POST", url, json });
  return answer.kind === "accepted" ? { kind: "delivered" } : answer;
}
