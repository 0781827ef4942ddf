import {
  startLoopbackServer,
  type LoopbackServer,
  type Seen,
  type Reply,
} from "./loopback-server.ts";

export type Weather = "fine" | "hangs" | "fails" | "forbids" | "ignores writes" | "cuts";

export interface RestWorld extends LoopbackServer {
  /** The documents by path: the truth. */
  readonly things: Map<string, Record<string, unknown>>;
  weather: Weather;
}

/** A small JSON store over HTTP: GET, PUT (merges, makes), DELETE, POST …/kill. It can be broken. */
export async function startRestWorld(): Promise<RestWorld> {
  const things = new Map<string, Record<string, unknown>>();
  const state: { weather: Weather } = { weather: "fine" };
  const server = await startLoopbackServer((seen) => {
    const writes = seen.method !== "GET";
    if (state.weather === "hangs") return null;
    if (state.weather === "cuts") return "cut";
    if (state.weather === "fails") return { status: 500, body: "out of order" };
    if (state.weather === "forbids") return { status: 403, body: "not yours" };
    if (state.weather === "ignores writes" && writes) return { status: 200, body: "{}" };
    return serve(things, seen);
  });
  return {
    url: server.url,
    seen: server.seen,
    things,
    get weather() {
      return state.weather;
    },
    set weather(weather) {
      state.weather = weather;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function serve(things: RestWorld["things"], { method, path, body }: Seen): Reply {
  const thing = things.get(path);
  if (method === "PUT") {
    const merged = {
      ...thing,
      ...(JSON.parse(body === "" ? "{}" : body) as Record<string, unknown>),
    };
    things.set(path, merged);
    return { status: 200, body: JSON.stringify(merged) };
  }
  if (method === "POST" && path.endsWith("/kill")) {
    things.set(path.slice(0, -"/kill".length), { enabled: false, percentage: 0 });
    return { status: 204 };
  }
  if (thing === undefined) return { status: 404, body: '{"error":"no such thing"}' };
  if (method === "DELETE") {
    things.delete(path);
    return { status: 204 };
  }
  return { status: 200, body: JSON.stringify(thing) };
}
