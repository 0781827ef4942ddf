import { afterTest } from "../after-test.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../loopback-server.ts";

/** What is true of Codex Dominion now. */
export interface CodexKnobs {
  /** Requests a second to both versions, and what the router sends to the canary, in percent. */
  rate: number;
  share: number;
  /** Of the canary: how many requests fail, and how long they take in seconds. */
  errorRate: number;
  latency: number;
  complaints: number;
  /** Endpoints below /health that answer with 503. */
  ill: readonly string[];
}

export interface CodexApp extends LoopbackServer {
  readonly knobs: CodexKnobs;
}

const OLD = "v2.0.0";
export const NEW = "v2.1.0";
const BUCKETS = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1];
/** The conversion of the runbook's baselines. */
const PATHS = [
  ["checkout", 0.855],
  ["signup", 0.65],
  ["payment", 0.995],
] as const;

/** Site, API, dashboards and the desk of complaints in one server, with the metrics of both versions. */
export async function codexApp(): Promise<CodexApp> {
  const knobs: CodexKnobs = {
    rate: 6000,
    share: 0,
    errorRate: 0,
    latency: 0.12,
    complaints: 0,
    ill: [],
  };
  const page = metrics(knobs);
  const server = await startLoopbackServer((seen) => {
    const path = seen.path.split("?", 1)[0] ?? "";
    if (path === "/metrics") return { status: 200, body: page(), headers: PLAIN };
    return answer(knobs, path, seen);
  });
  afterTest(() => server[Symbol.asyncDispose]());
  return Object.assign(server, { knobs });
}

const PLAIN = { "content-type": "text/plain; version=0.0.4" };

function answer(knobs: CodexKnobs, path: string, seen: Seen): Reply {
  const isCanary = seen.headers["x-canary-version"] === "v2";
  switch (path) {
    case "/health":
      return json(200, { version: isCanary ? NEW : OLD });
    case "/health/startup":
    case "/health/live":
    case "/health/ready":
    case "/health/db":
    case "/health/external":
    case "/health/cache":
    case "/health/payments":
      return json(knobs.ill.includes(path) ? 503 : 200, {});
    case "/api/endpoint":
      return {
        ...json(200, {}),
        headers: isCanary ? { "set-cookie": "codex-canary-id=v2; Path=/; Max-Age=86400" } : {},
      };
    case "/auth/verify":
      return json(seen.headers.authorization === "Bearer session" ? 200 : 401, {});
    case "/api/complaints":
      return json(200, { count: knobs.complaints });
    case "/":
    case "/payments/status":
    case "/d/canary":
    case "/d/business":
    case "/ops/cache/canary":
    case "/v1/signup":
    case "/v1/login":
    case "/v1/checkout":
    case "/v1/avatars":
    case "/v1/tokens":
    case "/hook":
      return json(200, {});
    default:
      return json(404, { path });
  }
}

function json(status: number, body: object): Reply {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

interface Sums {
  requests: number;
  failed: number;
}

/** Counters of both versions that go on with the time, as under load, shared as the router shares. */
function metrics(knobs: CodexKnobs): () => string {
  const sums = { [OLD]: { requests: 0, failed: 0 }, [NEW]: { requests: 0, failed: 0 } };
  let at = Date.now();
  return () => {
    const now = Date.now();
    const requests = (knobs.rate * (now - at)) / 1000;
    at = now;
    const canary = (requests * knobs.share) / 100;
    sums[NEW].requests += canary;
    sums[NEW].failed += canary * knobs.errorRate;
    sums[OLD].requests += requests - canary;
    const both = Object.entries(sums).flatMap(([version, of]) =>
      versionLines(version, of, version === NEW ? knobs.latency : 0.12),
    );
    const gauges = { cpu_utilisation: 0.4, memory_utilisation: 0.5, disk_io_utilisation: 0.3 };
    const more = { db_connections_active: 20, db_connections_max: 100, queue_depth: 12 };
    return [
      ...both,
      ...Object.entries({ ...gauges, ...more }).map(([name, value]) => `${name} ${value}`),
      "",
    ].join("\n");
  };
}

function versionLines(version: string, { requests, failed }: Sums, latency: number): string[] {
  const label = `version="${version}"`;
  const all = Math.round(requests);
  const orders = Math.round(requests / 10);
  return [
    `http_requests_total{status="200",${label}} ${all - Math.round(failed)}`,
    `http_requests_total{status="500",${label}} ${Math.round(failed)}`,
    ...BUCKETS.map(
      (le) =>
        `http_request_duration_seconds_bucket{le="${le}",${label}} ${le >= latency ? all : 0}`,
    ),
    `http_request_duration_seconds_bucket{le="+Inf",${label}} ${all}`,
    ...PATHS.flatMap(([name, ratio]) => [
      `${name}_total{${label}} ${all}`,
      `${name}_ok_total{${label}} ${Math.round(requests * ratio)}`,
    ]),
    `order_value_sum{${label}} ${orders * 50}`,
    `order_value_count{${label}} ${orders}`,
    `refunds_total{${label}} 0`,
    `transaction_cost_sum{${label}} ${orders * 2}`,
    `transaction_cost_count{${label}} ${orders}`,
  ];
}
