/** What the page of metrics says about one source beside what its registration says already. */
export interface MetricNote {
  /** YAML of a connection called `source`, without its name. */
  readonly connection: string;
  /** YAML of metrics that ask it, and gates on them. A test lints all three. */
  readonly metrics: readonly string[];
  readonly gates: readonly string[];
  /** How its answers show their age, and what else a plan's author has to know. */
  readonly age: string;
  /** The least that the credentials must be able to do. */
  readonly rights: string;
  /** The tests that prove it, below `test/drivers/metrics`, and against what. */
  readonly proofs: readonly (readonly [test: string, against: string])[];
}

export const metricNotes: Readonly<Record<string, MetricNote>> = {
  prometheus: {
    connection: '{ type: prometheus, url: "http://prometheus:9090" }',
    metrics: [
      "p95: { connection: source, unit: s, query: 'histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m])))' }",
      "errors: { connection: source, bad: 'sum(rate(requests{code=~\"5..\"}[5m]))', total: 'sum(rate(requests[5m]))', minSamples: 100 }",
    ],
    gates: ["p95 < 200ms", "errors < 1%"],
    age: "each selector is asked for the time of its newest sample. Where Prometheus marked the end of a series, its window is stale at once; VictoriaMetrics does not when a scrape fails, so there it ages until `maxAge`. Thanos and VictoriaMetrics are told to refuse partial answers",
    rights: "to query; with Mimir or Cortex for its `tenant`",
    proofs: [
      ["real-prometheus.test.ts", "Prometheus"],
      ["real-victoria-metrics.test.ts", "VictoriaMetrics and vmauth"],
      ["prometheus.test.ts", "recorded answers"],
    ],
  },
  openmetrics: {
    connection: "{ type: openmetrics, url: http://localhost:4001/metrics }",
    metrics: [
      "p95: { connection: source, unit: s, histogram: latency_seconds, quantile: 0.95, window: 5m }",
      "pool: { connection: source, unit: ratio, gauge: pool_used, per: pool_size }",
    ],
    gates: ["p95 < 200ms", "pool < 80%"],
    age: "each question is a scrape of its own, so an answer is of now; what grows is counted from the first scrape on",
    rights: "to scrape the page",
    proofs: [["openmetrics.test.ts", "the sandbox, and real HTTP servers on loopback"]],
  },
  "http-json": {
    connection: "{ type: http-json, url: https://shop.example/desk.json }",
    metrics: [
      "calls: { connection: source, unit: count, value: 'items[0].calls', time: at, window: 5m }",
    ],
    gates: ["calls < 5"],
    age: "what stands at `time`; without it nothing tells how old an answer is",
    rights: "to send the request",
    proofs: [["http-json.test.ts", "the sandbox, and real HTTP servers on loopback"]],
  },
  command: {
    connection: "{ type: command }",
    metrics: ["free: { connection: source, unit: bytes, run: [df, --output=avail, /data] }"],
    gates: ["free > 10GiB"],
    age: "as with `http-json`, where it prints JSON",
    rights: "to execute the program",
    proofs: [["command.test.ts", "real processes"]],
  },
  log: {
    connection: "{ type: log, file: /var/log/shop.log, time: '^(\\S+)' }",
    metrics: [
      "delivered: { connection: source, good: delivered, bad: failed after, window: 5m, minSamples: 20 }",
      "p95: { connection: source, unit: s, quantile: 0.95, of: 'latency=(\\d+)', in: ms, window: 5m }",
      "leaks: { connection: source, where: '(?i)webhook', scan: [email, handle, ip], allow: ['@app'] }",
    ],
    gates: ["delivered >= 95%", "p95 < 3s", "leaks over stage == 0"],
    age: "the time of the newest line. With `time` a window reaches back before the rollout, also into the file before the last rotation; without it a line's time is its arrival, and a window has to be watched first. A log with nothing new says nothing, unless it may be `quiet`. With `workload` the lines of all Pods are read by `kubectl logs`",
    rights:
      "to read the file; for a workload to get it, to list its Pods, and to get `pods/log` of them",
    proofs: [
      ["log/log.test.ts", "real files, rotated and truncated"],
      ["log/workload.test.ts", "a real API server, before a kubelet of ours"],
    ],
  },
  alertmanager: {
    connection: `{ type: alertmanager, url: "http://alerts:9093", watchdog: 'alertname="Watchdog"' }`,
    metrics: ["firing: { connection: source, firing: 'service=\"shop\"' }"],
    gates: ["firing == 0"],
    age: "when the `watchdog` was last renewed. Without one, an Alertmanager that no alert reaches any more says 0",
    rights: "to read alerts",
    proofs: [["alertmanager.test.ts", "Alertmanager"]],
  },
  influxdb: {
    connection:
      '{ type: influxdb, url: "http://influxdb:8086", database: app, basic: { user: reader, password: "${env:INFLUX_PASSWORD}" } }',
    metrics: [
      'cpu: { connection: source, unit: ratio, query: "SELECT mean(used) FROM cpu WHERE time > now() - 5m" }',
    ],
    gates: ["cpu < 80%"],
    age: "the newest point under the same conditions, which is asked for beside an aggregate. InfluxDB carries out what changes it also when it comes by GET, so only a SELECT is sent",
    rights: "READ on the database",
    proofs: [["influxdb.test.ts", "InfluxDB 1"]],
  },
  graphite: {
    connection: '{ type: graphite, url: "http://graphite:8080" }',
    metrics: [
      'queue: { connection: source, unit: count, query: "sumSeries(shop.*.queue)", window: 1m }',
      "errors: { connection: source, bad: shop.errors, total: shop.requests, window: 5m, minSamples: 100 }",
    ],
    gates: ["queue < 10", "errors < 1%"],
    age: "the newest point of the window that is not null. A share adds up the points of its window",
    rights: "to render",
    proofs: [["graphite.test.ts", "carbon and graphite-web"]],
  },
  sql: {
    connection:
      '{ type: sql, client: psql, host: db, user: reader, password: "${env:DB_PASSWORD}", database: shop }',
    metrics: [
      "lost: { connection: source, unit: count, query: \"SELECT count(*) FROM orders WHERE lost AND at > now() - interval '${window} seconds'\", time: SELECT max(at) FROM orders }",
    ],
    gates: ["lost over stage == 0"],
    age: "what `time` gives. The session may only read, and a query is one SELECT; `${window}` is a number of seconds",
    rights: "SELECT on what is asked",
    proofs: [
      ["sql.test.ts", "sqlite3 and PostgreSQL"],
      ["sql-mysql.test.ts", "MariaDB, by the mysql client"],
    ],
  },
};
