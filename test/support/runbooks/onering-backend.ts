import { readFileSync } from "node:fs";

import { afterTest } from "../after-test.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../loopback-server.ts";

/** What can be broken in the backend of onering. */
export interface OneringKnobs {
  authFailures: number;
  rateLimits: number;
  dead: number;
  replays: number;
  latencyP90: number;
}

export interface OneringBackend extends LoopbackServer {
  readonly knobs: OneringKnobs;
  /** Keys that were made, and whether each is enabled. */
  readonly keys: Map<string, boolean>;
  readonly subscriptions: Set<string>;
  readonly delivered: () => number;
}

type Flags = Readonly<Record<string, string>>;

/**
 * The external API of onering. It knows the flags of its file as of its last restart, which `POST /control/restart` is; the
 * same control addresses stand in for systemd and for the list of processes.
 */
export async function oneringBackend(flagFile: string): Promise<OneringBackend> {
  const knobs = { authFailures: 0, rateLimits: 0, dead: 0, replays: 0, latencyP90: 0.8 };
  const state = { flags: readFlags(flagFile), worker: false, delivered: 0, logged: 0 };
  const keys = new Map<string, boolean>();
  const subscriptions = new Set<string>();
  const server = await startLoopbackServer((seen): Reply => {
    const path = seen.path.split("?", 1)[0] ?? "";
    const isOn = (name: string): boolean => state.flags[`ONERING_${name}`] === "1";
    switch (`${seen.method} ${path}`) {
      case "POST /control/restart":
        state.flags = readFlags(flagFile);
        return { status: 204 };
      case "POST /control/worker/start":
      case "POST /control/worker/stop":
        state.worker = path.endsWith("start");
        return { status: 204 };
      case "GET /control/worker":
        return { status: state.worker ? 200 : 404, body: "7 webhook_delivery\n" };
      case "GET /control/deliveries":
        return { status: 200, body: state.logged > 0 ? "t\n" : "f\n" };
      case "GET /v1/monitoring/external/metrics":
        return json(200, {
          active_keys: keys.size,
          auth_failures_24h: knobs.authFailures,
          rate_limit_hits_24h: knobs.rateLimits,
        });
      case "GET /v1/monitoring/webhooks/metrics":
        if (isOn("WEBHOOKS_ENABLED")) state.logged += 1;
        if (isOn("WEBHOOKS_DELIVERY_ENABLED") && state.worker) state.delivered += 1;
        return json(200, webhookMetrics(knobs, state.delivered));
      case "POST /v1/admin/external/keys": {
        if (!isOn("EXTERNAL_API_ENABLED")) return json(503, { error: "EXTERNAL_API_DISABLED" });
        const id = `key-${keys.size + 1}`;
        keys.set(id, true);
        return json(200, { key_id: id, secret: "s3cr3t-of-the-canary" });
      }
      case "GET /v1/external/me":
        return me(seen, isOn("EXTERNAL_API_ENABLED"));
      case "POST /v1/external/webhooks":
        if (!isOn("WEBHOOKS_ENABLED")) return json(503, { error: "WEBHOOKS_DISABLED" });
        subscriptions.add("sub-1");
        return json(200, { id: "sub-1" });
      case "DELETE /v1/external/webhooks/sub-1":
        subscriptions.delete("sub-1");
        return { status: 204 };
      default:
        return other(seen.method, path, keys);
    }
  });
  afterTest(() => server[Symbol.asyncDispose]());
  return Object.assign(server, {
    knobs,
    keys,
    subscriptions,
    delivered: () => state.delivered,
  });
}

function other(method: string, path: string, keys: Map<string, boolean>): Reply {
  const [, key = "", verb] =
    /^\/v1\/admin\/external\/keys\/([^/]+)\/(enable|disable)$/u.exec(path) ?? [];
  if (method !== "PATCH" || !keys.has(key)) return json(404, { path });
  keys.set(key, verb === "enable");
  return json(200, {});
}

function me({ headers }: Seen, isOn: boolean): Reply {
  if (!isOn) return json(503, { error: "EXTERNAL_API_DISABLED" });
  if (headers.authorization !== "Bearer osk_s3cr3t-of-the-canary") return json(401, {});
  return { ...json(200, {}), headers: { "x-canary-mode": "true", "x-ratelimit-limit": "10" } };
}

function webhookMetrics(knobs: OneringKnobs, delivered: number): object {
  return {
    delivered,
    failed: 0,
    dead: knobs.dead,
    pending: 0,
    retrying: 0,
    replay_rejected_24h: knobs.replays,
    avg_retry_count: 0,
    delivery_latency_p90_sec: knobs.latencyP90,
    alerts: {
      dead_letter_exceeded: knobs.dead > 10,
      replay_rejected_exceeded: knobs.replays > 20,
      latency_p90_exceeded: knobs.latencyP90 > 5,
    },
  };
}

function readFlags(file: string): Flags {
  const lines = readFileSync(file, "utf8").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => (line.includes("=") ? [line.split("=", 2) as [string, string]] : [])),
  );
}

function json(status: number, body: object): Reply {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}
