import type { Json } from "../../../src/core/units.ts";
import { inside, json, startFakeApi, type Asked, type FakeApi } from "./fake-api.ts";

export interface FakePagerDuty extends FakeApi {
  /** Incidents that are open, by their dedup key, with the summary of each. */
  readonly open: ReadonlyMap<string, Json>;
  readonly changes: readonly Json[];
}

const SEVERITIES: ReadonlySet<Json> = new Set(["critical", "error", "warning", "info"]);

/** The Events API v2: /v2/enqueue, /v2/change/enqueue, 202 for what is taken and 400 for what is not. */
export async function startFakePagerDuty(key: string): Promise<FakePagerDuty> {
  const open = new Map<string, Json>();
  const changes: Json[] = [];
  function answer({ method, path, json: body }: Asked) {
    if (method !== "POST") return { status: 405 };
    if (body["routing_key"] !== key) return bad("Invalid routing key");
    const payload = inside(body["payload"]);
    const { summary = "" } = payload;
    if (typeof summary === "string" && summary.length > 1024) return bad("summary is too long");
    if (path === "/v2/change/enqueue") {
      if (summary === "" || typeof payload["timestamp"] !== "string") return bad("no summary");
      changes.push(summary);
      return json(202, { status: "success", message: "Change event processed" });
    }
    const dedup = body["dedup_key"];
    if (path !== "/v2/enqueue" || typeof dedup !== "string") return bad("Event object is invalid");
    switch (body["event_action"]) {
      case "trigger":
        if (!SEVERITIES.has(payload["severity"] ?? "") || typeof payload["source"] !== "string")
          return bad("payload is invalid");
        open.set(dedup, summary);
        break;
      case "resolve":
        open.delete(dedup);
        break;
      default:
        return bad("event_action is invalid");
    }
    return json(202, { status: "success", message: "Event processed", dedup_key: dedup });
  }
  return { ...(await startFakeApi(answer)), open, changes };
}

function bad(error: string) {
  return json(400, {
    status: "invalid event",
    message: "Event object is invalid",
    errors: [error],
  });
}
