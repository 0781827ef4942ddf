import { afterTest } from "../after-test.ts";
import { startLoopbackServer, type LoopbackServer, type Seen } from "../loopback-server.ts";

/** What can be broken in the scholarship API. */
export interface ScholarshipKnobs {
  /** Requests a second, and how many of them fail. */
  rate: number;
  errorRate: number;
  /** Of all requests, in seconds. */
  latency: number;
  redisErrors: number;
  malicious: boolean;
}

export interface ScholarshipApp extends LoopbackServer {
  readonly knobs: ScholarshipKnobs;
  readonly variables: Map<string, string>;
  readonly flag: { percent: number; version: string };
}

const BUCKETS = [0.05, 0.1, 0.2, 0.22, 0.25, 0.5, 1];
/** A client is limited after so many requests in a row. */
const LIMIT = 5;

/** The scholarship API, the flag that shares its traffic, and the variables of the repository, in one server. */
export async function scholarshipApp(): Promise<ScholarshipApp> {
  const knobs = { rate: 800, errorRate: 0, latency: 0.1, redisErrors: 0, malicious: false };
  const variables = new Map([["DEPLOY_FREEZE", "none"]]);
  const flag = { percent: 0, version: "none" };
  const count = counters(knobs);
  const bursts = new Map<string, number>();
  const used = new Set<string>();
  const server = await startLoopbackServer((seen) => {
    const path = seen.path.split("?", 1)[0] ?? "";
    if (path === "/metrics") return { status: 200, body: count(), headers: PLAIN };
    if (path === "/health") return json(200, { status: "healthy", database: "connected" });
    if (path === "/redis/sentinel") return { status: 200, body: "master0:name=main,status=ok\n" };
    if (path === "/flags/release") return flagAnswer(flag, seen);
    if (path.startsWith("/repo/actions/variables/")) return variable(variables, path, seen);
    if (path === "/token") {
      const token = String(seen.headers.authorization);
      const isNew = !used.has(token);
      used.add(token);
      return json(isNew ? 200 : 401, {});
    }
    const tester = seen.headers["x-tester"];
    if (typeof tester === "string") {
      const burst = (bursts.get(tester) ?? 0) + 1;
      bursts.set(tester, burst);
      return json(burst > LIMIT ? 429 : 200, {});
    }
    return { status: 200, body: "{}", headers: { ...JSON_TYPE, ...SECURE, ...cors(knobs, seen) } };
  });
  afterTest(() => server[Symbol.asyncDispose]());
  return Object.assign(server, { knobs, variables, flag });
}

const PLAIN = { "content-type": "text/plain; version=0.0.4" };
const JSON_TYPE = { "content-type": "application/json" };
const SECURE = {
  "x-content-type-options": "nosniff",
  "strict-transport-security": "max-age=31536000",
};

function json(status: number, body: object) {
  return { status, body: JSON.stringify(body), headers: { ...JSON_TYPE, ...SECURE } };
}

function cors(
  { malicious }: ScholarshipKnobs,
  { headers }: Seen,
): Readonly<Record<string, string>> {
  const { origin } = headers;
  if (origin !== "https://app.example.com" && !malicious) return {};
  return { "access-control-allow-origin": origin ?? "*" };
}

function flagAnswer(flag: ScholarshipApp["flag"], { method, body }: Seen) {
  if (method === "PUT") Object.assign(flag, JSON.parse(body));
  return json(200, flag);
}

function variable(variables: Map<string, string>, path: string, { method, body }: Seen) {
  const name = path.split("/").at(-1) ?? "";
  if (method === "PATCH") {
    variables.set(name, (JSON.parse(body) as { value: string }).value);
    return { status: 204 };
  }
  return json(200, { name, value: variables.get(name) });
}

/** Counters that go on with the time, as under load; the page of /metrics. */
function counters(knobs: ScholarshipKnobs): () => string {
  let at = Date.now();
  const sums = { ok: 0, failed: 0, fast: 0, redis: 0 };
  return () => {
    const now = Date.now();
    const requests = (knobs.rate * (now - at)) / 1000;
    sums.failed += requests * knobs.errorRate;
    sums.ok += requests * (1 - knobs.errorRate);
    sums.redis += (knobs.redisErrors * (now - at)) / 1000;
    at = now;
    const all = Math.round(sums.ok) + Math.round(sums.failed);
    const buckets = BUCKETS.map(
      (le) => `http_request_duration_seconds_bucket{le="${le}"} ${le >= knobs.latency ? all : 0}`,
    );
    return [
      "# TYPE http_requests_total counter",
      `http_requests_total{status="200",client="web"} ${Math.round(sums.ok)}`,
      `http_requests_total{status="500",client="web"} ${Math.round(sums.failed)}`,
      'http_requests_total{status="429",client="web"} 0',
      'http_requests_total{status="429",client="tester"} 12',
      "# TYPE http_request_duration_seconds histogram",
      ...buckets,
      `http_request_duration_seconds_bucket{le="+Inf"} ${all}`,
      `http_request_duration_seconds_sum ${all * knobs.latency}`,
      `http_request_duration_seconds_count ${all}`,
      "# TYPE db_pool_active gauge",
      "db_pool_active 8",
      "# TYPE db_pool_size gauge",
      "db_pool_size 20",
      "# TYPE redis_errors_total counter",
      `redis_errors_total ${Math.round(sums.redis)}`,
      "# TYPE openai_requests_total counter",
      `openai_requests_total ${Math.round(all / 4)}`,
      "# TYPE openai_fallback_total counter",
      "openai_fallback_total 0",
      "# TYPE cors_denials_total counter",
      "cors_denials_total 0",
      "# TYPE jwt_replays_prevented_total counter",
      "jwt_replays_prevented_total 0",
      "",
    ].join("\n");
  };
}
