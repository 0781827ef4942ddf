import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../../support/loopback-server.ts";

// A contract fake: it holds what PostHog's documentation and source say of its feature flags, and no more. Filters are
// replaced as a whole, and a stale version conflicts where a field that is written was changed since it was read.

export interface PosthogFlag {
  id: number;
  key: string;
  active: boolean;
  version: number;
  deleted?: boolean;
  experiment_set?: number[];
  filters: { groups: Record<string, unknown>[]; [key: string]: unknown };
}

export interface FakePosthog extends LoopbackServer {
  readonly flag: PosthogFlag;
  weather: ((seen: Seen) => Reply | "cut" | "hang" | null) | null;
  /** Runs before a patch is looked at, as a concurrent writer does. */
  meanwhile: (() => void) | null;
}

export const POSTHOG_TOKEN = "phx_0123456789";

/** Starts it with one flag, `checkout`. */
export async function startFakePosthog(more: Partial<PosthogFlag> = {}): Promise<FakePosthog> {
  const groups = [{ properties: [], rollout_percentage: 0 }];
  const payloads = { true: '{"${env:HOME}": 1}' };
  const filters = { groups, payloads, multivariate: null };
  const flag: PosthogFlag = { id: 7, key: "checkout", active: true, version: 3, filters, ...more };
  const state: Pick<FakePosthog, "weather" | "meanwhile"> = { weather: null, meanwhile: null };
  const server = await startLoopbackServer((seen) => {
    const weather = state.weather?.(seen) ?? null;
    if (weather === "hang") return null;
    if (weather !== null) return weather;
    if (seen.headers.authorization !== `Bearer ${POSTHOG_TOKEN}`)
      return { status: 401, body: '{"detail":"Invalid personal API key."}' };
    const url = new URL(seen.path, "http://fake");
    const list = "/api/projects/1/feature_flags/";
    if (url.pathname === list) {
      const results = flag.key.includes(url.searchParams.get("search") ?? "") ? [flag] : [];
      return json({
        count: results.length,
        results: [{ ...flag, id: 8, key: "checkout-2" }, ...results],
      });
    }
    if (url.pathname !== `${list}7/`) return { status: 404, body: '{"detail":"Not found."}' };
    return seen.method === "GET" ? json(flag) : patch(flag, seen, state);
  });
  return Object.assign(state, {
    flag,
    url: server.url,
    seen: server.seen,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}

function patch(flag: PosthogFlag, seen: Seen, state: Pick<FakePosthog, "meanwhile">): Reply {
  state.meanwhile?.();
  const given = JSON.parse(seen.body) as Partial<PosthogFlag> & {
    original_flag?: Partial<PosthogFlag>;
  };
  const { version, original_flag: original, ...fields } = given;
  const stale = version !== undefined && version !== flag.version;
  const changed = (["active", "filters"] as const).some(
    (key) =>
      key in fields && JSON.stringify(flag[key]) !== JSON.stringify(original?.[key] ?? flag[key]),
  );
  if (stale && changed) return { status: 409, body: '{"detail":"The feature flag was updated"}' };
  if (fields.filters !== undefined && !Array.isArray(fields.filters.groups))
    return { status: 400, body: '{"detail":"filters.groups is required"}' };
  Object.assign(flag, fields, { version: flag.version + 1 });
  return json(flag);
}

function json(body: unknown): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
