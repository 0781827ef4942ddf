import type { Json } from "../../../src/core/units.ts";
import { json, startFakeApi, type Asked, type FakeApi } from "./fake-api.ts";

export interface Annotation {
  readonly id: number;
  readonly time: number;
  readonly timeEnd?: number;
  readonly text: string;
  readonly tags: readonly string[];
  readonly dashboardUID?: string;
  readonly panelId?: number;
}

export interface FakeGrafana extends FakeApi {
  readonly annotations: Map<number, Annotation>;
}

/** Grafana's annotation API: POST, PATCH by id, GET by tags (all of them). */
export async function startFakeGrafana(token: string): Promise<FakeGrafana> {
  const annotations = new Map<number, Annotation>();
  function answer(asked: Asked) {
    if (asked.headers.authorization !== `Bearer ${token}`)
      return json(401, { message: "Invalid API key", messageId: "auth" });
    const url = new URL(asked.path, "http://x");
    if (asked.method === "GET" && url.pathname === "/api/annotations") {
      const tags = url.searchParams.getAll("tags");
      const found = [...annotations.values()].filter((each) =>
        tags.every((tag) => each.tags.includes(tag)),
      );
      return json(
        200,
        found.slice(0, Number(url.searchParams.get("limit") ?? 100)) as unknown as Json,
      );
    }
    if (asked.method === "POST" && url.pathname === "/api/annotations") {
      const { text, time, tags } = asked.json;
      if (typeof text !== "string" || text === "")
        return json(400, { message: "text field should not be empty" });
      if (typeof time !== "number" || !Array.isArray(tags))
        return json(400, { message: "bad request data" });
      const id = annotations.size + 1;
      annotations.set(id, { ...(asked.json as unknown as Annotation), id });
      return json(200, { message: "Annotation added", id });
    }
    const id = Number(/^\/api\/annotations\/(\d+)$/u.exec(url.pathname)?.[1]);
    const known = annotations.get(id);
    if (asked.method !== "PATCH" || known === undefined)
      return json(404, { message: "Annotation not found" });
    annotations.set(id, { ...known, ...(asked.json as unknown as Annotation), id });
    return json(200, { message: "Annotation patched" });
  }
  return { ...(await startFakeApi(answer)), annotations };
}
