import { afterTest } from "../after-test.ts";
import { startLoopbackServer, type LoopbackServer } from "../loopback-server.ts";

export interface SparkKnobs {
  rate: number;
  errorRate: number;
  latency: number;
  bistStaleness: number;
}

export interface SparkApp extends LoopbackServer {
  readonly knobs: SparkKnobs;
}

const POD = 'pod="spark-trading-api-canary-1",container="api"';

/** The trading API with its health and its metrics, and those of the database beside it. */
export async function sparkApp(): Promise<SparkApp> {
  const knobs: SparkKnobs = { rate: 800, errorRate: 0, latency: 0.09, bistStaleness: 5 };
  const page = metrics(knobs);
  const server = await startLoopbackServer(({ path }) => {
    if (path === "/metrics" || path === "/api/public/metrics.prom")
      return {
        status: 200,
        body: page(),
        headers: { "content-type": "text/plain; version=0.0.4" },
      };
    if (path === "/api/healthz")
      return { status: 200, body: JSON.stringify({ version: "v1.3.0" }) };
    return { status: 404 };
  });
  afterTest(() => server[Symbol.asyncDispose]());
  return Object.assign(server, { knobs });
}

function metrics(knobs: SparkKnobs): () => string {
  const began = Date.now();
  let at = began;
  const sums = { requests: 0, failed: 0 };
  return () => {
    const now = Date.now();
    const requests = (knobs.rate * (now - at)) / 1000;
    at = now;
    sums.requests += requests;
    sums.failed += requests * knobs.errorRate;
    const all = Math.round(sums.requests);
    const failed = Math.round(sums.failed);
    return [
      `http_requests_total{status="200"} ${all - failed}`,
      `http_requests_total{status="500"} ${failed}`,
      ...histogram("http_request_duration_seconds", [0.05, 0.1, 0.2, 0.4], knobs.latency, all),
      ...histogram("database_query_duration_seconds", [0.01, 0.05, 0.1], 0.008, all),
      ...histogram("outbox_lag_seconds", [0.5, 1, 5], 0.4, all),
      ...histogram("idempotency_duration_seconds", [0.005, 0.01, 0.1], 0.004, all),
      `idempotency_conflict_total ${Math.round(sums.requests / 1000)}`,
      `risk_checks_total ${all}`,
      "risk_blocks_total 0",
      "csp_violations_total 0",
      "money_utils_errors_total 0",
      "position_unique_violations_total 0",
      "pg_stat_archiver_failed_count 0",
      `spark_bist_staleness_seconds ${knobs.bistStaleness}`,
      "spark_ws_staleness_seconds 2",
      "pgbouncer_pools_server_active 20",
      "pgbouncer_pools_server_total 100",
      "db_pool_active 10",
      "db_pool_size 40",
      `container_memory_working_set_bytes{${POD}} 400000000`,
      `container_spec_memory_limit_bytes{${POD}} 1000000000`,
      `container_cpu_usage_seconds_total{${POD}} ${((now - began) / 1000) * 0.3}`,
      `kube_pod_container_resource_limits{${POD},resource="cpu"} 1`,
      "",
    ].join("\n");
  };
}

function histogram(
  name: string,
  limits: readonly number[],
  value: number,
  count: number,
): string[] {
  return [
    ...limits.map((le) => `${name}_bucket{le="${le}"} ${le >= value ? count : 0}`),
    `${name}_bucket{le="+Inf"} ${count}`,
  ];
}
