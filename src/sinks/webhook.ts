import { createHmac } from "node:crypto";

import { z } from "zod";

import { judge } from "./http-delivery.ts";
import type { Notice, SinkDriver } from "./sink.ts";

const config = z.strictObject({
  url: z.string().min(1).describe("where messages are posted to"),
  secret: z
    .string()
    .min(1)
    .optional()
    .describe("signs messages by the Standard Webhooks scheme: whsec_…, as a reference"),
  bearer: z.string().optional().describe("a bearer token, as a reference like ${env:TOKEN}"),
});

type Config = z.infer<typeof config>;

/**
 * Posts a JSON message. With a `secret` it is signed by the Standard Webhooks scheme: `webhook-id` is the same at each try,
 * `webhook-timestamp` is that of the try, and the signature is over both and the exact bytes of the body.
 */
export const webhook: SinkDriver<Config> = {
  type: "webhook",
  description: "posts JSON to an address, signed by the Standard Webhooks scheme",
  config,
  secrets: ["secret", "bearer"],
  options: null,
  closes: null,
  async deliver(notice, { config, http, signal, now }) {
    const body = JSON.stringify(payload(notice));
    const id = idOf(notice);
    const timestamp = String(Math.floor(now() / 1000));
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
    };
    if (config.bearer !== undefined) headers["authorization"] = `Bearer ${config.bearer}`;
    if (config.secret !== undefined) {
      const key = keyOf(config.secret);
      if (key === null)
        return { kind: "refused", why: "the secret is not `whsec_` and 24 to 64 bytes of base64" };
      const signed = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
      headers["webhook-signature"] = `v1,${signed.digest("base64")}`;
    }
    const result = await http({ url: config.url, method: "POST", headers, body, signal });
    const answer = judge(result, now());
    return answer.kind === "accepted" ? { kind: "delivered" } : answer;
  },
};

/** Dots separate the parts of what is signed: an id has none. */
function idOf({ key }: Notice): string {
  return `canary_${key.replaceAll(/[^A-Za-z0-9]/gu, "_")}`;
}

function keyOf(secret: string): Buffer | null {
  const key = Buffer.from(secret.replace(/^whsec_/u, ""), "base64");
  return key.length >= 24 && key.length <= 64 ? key : null;
}

function payload(notice: Notice) {
  const { event, at, key: _key, ...data } = notice;
  return { type: `rollout.${event}`, timestamp: new Date(at).toISOString(), data };
}
