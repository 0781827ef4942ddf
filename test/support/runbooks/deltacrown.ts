import { createHmac, randomUUID } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { afterTest } from "../after-test.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../loopback-server.ts";

export const WEBHOOK_SECRET = "0123456789abcdef0123456789abcdef";

/** Before the second and the third attempt, in seconds. */
const PAUSES = [0, 2];
const OPEN_MS = 60_000;
const FAILURES = 5;
const STALE_MS = 300_000;

/** The receiver behind the endpoint: it checks what it gets, fails on demand, and keeps a log. */
export async function deltacrownReceiver(log: string): Promise<LoopbackServer> {
  let mode = { status: 200, times: Infinity, later: 200 };
  let last: Seen | null = null;
  const say = logger(log);
  const server = await startLoopbackServer((seen): Reply => {
    if (seen.path === "/mode") {
      mode = readMode(JSON.parse(seen.body) as Readonly<Record<string, number>>);
      return json(200, {});
    }
    if (seen.path === "/requests/last")
      return json(200, { headers: last?.headers, body: JSON.parse(last?.body ?? "{}") as unknown });
    const age = Date.now() - Number(seen.headers["x-webhook-timestamp"]);
    say(`Received webhook, Timestamp age: ${age} ms`);
    if (age > STALE_MS) return json(400, { error: "too old" });
    const valid = seen.headers["x-webhook-signature"] === sign(seen.body);
    say(`Signature valid: ${valid ? "True" : "False"}`);
    say(`X-Webhook-Signature: ${String(seen.headers["x-webhook-signature"])}`);
    if (!valid) return json(401, {});
    last = seen;
    if (mode.times <= 0) return json(mode.later, {});
    mode.times -= 1;
    return json(mode.status, {});
  });
  afterTest(() => server[Symbol.asyncDispose]());
  return server;
}

/** `{ status: 503, times: 2, then: 200 }`; without `times` for good. */
function readMode(told: Readonly<Record<string, number>>) {
  return {
    status: told["status"] ?? 200,
    times: told["times"] ?? Infinity,
    later: told["then"] ?? 200,
  };
}

/**
 * The application: `POST /verify` is a payment that is verified, which sends a webhook if its env file has them switched
 * on; with three attempts, and a breaker. It answers when the webhook was delivered or given up.
 */
export async function deltacrownApp(
  envFile: string,
  log: string,
): Promise<{ readonly url: string; readonly deliver: () => Promise<void> }> {
  const say = logger(log);
  const breaker = { failures: 0, openedAt: 0 };
  const deliver = async (): Promise<void> => {
    const env = readFileSync(envFile, "utf8");
    const endpoint = /^WEBHOOK_ENDPOINT=(.*)$/mu.exec(env)?.[1];
    if (!env.includes("NOTIFICATIONS_WEBHOOK_ENABLED=true") || endpoint === undefined) return;
    if (breaker.openedAt > 0) {
      if (Date.now() - breaker.openedAt < OPEN_MS) {
        const left = Math.ceil((OPEN_MS - Date.now() + breaker.openedAt) / 1000);
        say(`Webhook delivery blocked: circuit breaker is OPEN (will probe in ${left}s)`);
        return;
      }
      say("Circuit breaker HALF_OPEN: one probe");
    }
    await attempts(endpoint.replaceAll('"', ""), say, breaker);
  };
  const server = createServer((_, response) => {
    void deliver().then(() => response.end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, deliver };
}

type Breaker = { failures: number; openedAt: number };

async function attempts(
  endpoint: string,
  say: (text: string) => void,
  breaker: Breaker,
): Promise<void> {
  const probes = breaker.openedAt > 0;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    say(`Attempting webhook delivery (attempt ${attempt}/3): event=payment_verified`);
    const began = performance.now();
    const status = await post(endpoint);
    if (status < 300) {
      const latency = Math.round(performance.now() - began);
      say(
        `Webhook delivered successfully: event=payment_verified, status=${status}, latency=${latency}`,
      );
      if (probes) say("Circuit breaker CLOSED: the probe went through");
      Object.assign(breaker, { failures: 0, openedAt: 0 });
      return;
    }
    const failed = `Webhook delivery failed (attempt ${attempt}/3)`;
    if (status < 500) {
      say(`${failed}: status=${status}, client error (no retry)`);
      say("Webhook delivery aborted: event=payment_verified, reason=4xx_error");
      return;
    }
    const pause = PAUSES[attempt - 1];
    if (probes || pause === undefined) {
      say(`${failed}: status=${status}, all retries exhausted`);
      break;
    }
    say(`${failed}: status=${status}, retrying in ${pause}s`);
    await sleep(pause * 1000);
  }
  breaker.failures += 1;
  say(`Circuit breaker failure recorded: ${breaker.failures}/${FAILURES}`);
  if (!probes && breaker.failures < FAILURES) return;
  breaker.openedAt = Date.now();
  say(`Circuit breaker OPENED: ${FAILURES} failures in 120s window`);
}

async function post(endpoint: string): Promise<number> {
  const body = JSON.stringify({
    event: "payment_verified",
    data: { payment_id: 7, tournament_id: 3, user_id: 5, amount: "50.00", status: "verified" },
    metadata: { timestamp: new Date().toISOString(), service: "deltacrown", version: "5.6" },
  });
  const answer = await fetch(endpoint, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "DeltaCrown-Webhook/1.0",
      "x-webhook-id": randomUUID(),
      "x-webhook-event": "payment_verified",
      "x-webhook-timestamp": String(Date.now()),
      "x-webhook-signature": sign(body),
    },
  });
  return answer.status;
}

function sign(body: string): string {
  return createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
}

function logger(file: string): (text: string) => void {
  return (text) => appendFileSync(file, `${new Date().toISOString()} ${text}\n`);
}

function json(status: number, body: object): Reply {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}
