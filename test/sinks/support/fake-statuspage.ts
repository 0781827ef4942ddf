import type { Json } from "../../../src/core/units.ts";
import { inside, json, startFakeApi, type Asked, type FakeApi } from "./fake-api.ts";

export interface FakeStatuspage extends FakeApi {
  readonly incidents: ReadonlyMap<string, Readonly<Record<string, Json>>>;
}

const STATUSES: ReadonlySet<Json> = new Set([
  "investigating",
  "identified",
  "monitoring",
  "resolved",
]);

/** Statuspage's incidents: POST makes one (201), PATCH changes it. */
export async function startFakeStatuspage(token: string): Promise<FakeStatuspage> {
  const incidents = new Map<string, Readonly<Record<string, Json>>>();
  function answer({ method, path, headers, json: body }: Asked) {
    if (headers.authorization !== `OAuth ${token}`)
      return json(401, { error: "Could not authenticate" });
    const incident = inside(body["incident"]);
    if (!STATUSES.has(incident["status"] ?? "")) return json(422, { error: ["status is invalid"] });
    if (method === "POST" && path === "/v1/pages/pg1/incidents") {
      if (typeof incident["name"] !== "string") return json(422, { error: ["name is missing"] });
      const id = `inc${incidents.size + 1}`;
      incidents.set(id, incident);
      return json(201, { id, ...incident });
    }
    const id = /^\/v1\/pages\/pg1\/incidents\/(\w+)$/u.exec(path)?.[1] ?? "";
    const known = incidents.get(id);
    if (method !== "PATCH" || known === undefined) return json(404, { error: "Not found" });
    incidents.set(id, { ...known, ...incident });
    return json(200, { id, ...known, ...incident });
  }
  return { ...(await startFakeApi(answer)), incidents };
}
