import type { Arm } from "./knobs.ts";
import { latencyBounds, type ArmTraffic, type Traffic } from "./traffic.ts";
import type { World } from "./world.ts";

/** `prometheus` is the older text format 0.0.4, `openmetrics` is 1.0.0: they differ in counter names and timestamps. */
export type MetricsFormat = "prometheus" | "openmetrics";

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: ReadonlyArray<readonly [suffix: string, labels: string, value: number]>;
}

const arms: readonly Arm[] = ["stable", "canary"];

/** The metrics as a scrape sees them. Frozen ones carry their time, as an exporter that replays a cache does. */
export function renderMetrics(world: World, format: MetricsFormat): string {
  const traffic = world.frozen ?? world.traffic;
  const stamp = world.frozen === null ? "" : ` ${stampOf(traffic.at, format)}`;
  const lie = world.knobs.lieMetrics === "nan";
  const lines = familiesOf(world, traffic).flatMap((family) => {
    const full =
      family.type === "counter" && format === "prometheus" ? `${family.name}_total` : family.name;
    return [
      `# HELP ${full} ${family.help}`,
      `# TYPE ${full} ${family.type}`,
      ...family.samples.map(
        ([suffix, labels, value]) =>
          `${family.name}${suffix}${labels} ${lie ? "NaN" : value}${stamp}`,
      ),
    ];
  });
  return `${lines.join("\n")}\n# EOF\n`;
}

function stampOf(at: number, format: MetricsFormat): string {
  return format === "openmetrics" ? (at / 1000).toFixed(3) : String(at);
}

function familiesOf(world: World, traffic: Traffic): Family[] {
  const each = (read: (arm: Arm) => Family["samples"]): Family["samples"] => arms.flatMap(read);
  return [
    {
      name: "http_requests",
      type: "counter",
      help: "Requests answered, by version and status.",
      samples: each((arm) =>
        Object.entries(traffic.arms[arm].byStatus).map(
          ([status, count]) => ["_total", `{version="${arm}",status="${status}"}`, count] as const,
        ),
      ),
    },
    {
      name: "http_request_duration_seconds",
      type: "histogram",
      help: "Time to answer, by version.",
      samples: each((arm) => histogramOf(arm, traffic.arms[arm])),
    },
    ...gaugesOf(world, traffic),
  ];
}

function gaugesOf(world: World, traffic: Traffic): Family[] {
  const gauge = (name: string, help: string, samples: Family["samples"]): Family => ({
    name,
    type: "gauge",
    help,
    samples,
  });
  const each = (read: (arm: Arm) => Family["samples"]): Family["samples"] => arms.flatMap(read);
  return [
    gauge("db_pool_active", "Database connections in use.", [["", "", traffic.dbActive]]),
    gauge("db_pool_size", "Database connections in the pool.", [["", "", traffic.dbSize]]),
    gauge(
      "app_up",
      "1 while the version answers, 0 when it does not.",
      each((arm) => [["", `{version="${arm}"}`, isUp(world, traffic, arm) ? 1 : 0]]),
    ),
    gauge(
      "app_last_request_timestamp_seconds",
      "Time of the last answered request.",
      each((arm) => {
        const last = traffic.arms[arm].lastRequestAt;
        return last === null ? [] : [["", `{version="${arm}"}`, last / 1000]];
      }),
    ),
    gauge("app_metrics_timestamp_seconds", "Time of these values.", [["", "", traffic.at / 1000]]),
    gauge("process_start_time_seconds", "Start of the sandbox.", [
      ["", "", world.startedAt / 1000],
    ]),
  ];
}

function histogramOf(arm: Arm, traffic: ArmTraffic): Family["samples"] {
  let below = 0;
  const bounds = [...latencyBounds.map(formatBound), "+Inf"];
  const buckets = bounds.map((bound, index) => {
    below += traffic.buckets[index] ?? 0;
    return ["_bucket", `{version="${arm}",le="${bound}"}`, below] as const;
  });
  return [
    ...buckets,
    ["_sum", `{version="${arm}"}`, traffic.latencySumMs / 1000],
    ["_count", `{version="${arm}"}`, traffic.count],
  ];
}

/** OpenMetrics wants `1.0`, and both formats must show one label value for the same bound. */
function formatBound(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

/** Whether a version answers: it has replicas, and it is not dead. */
export function isUp(world: World, traffic: Traffic, arm: Arm): boolean {
  return traffic.arms[arm].deadSince === null && world.deploys[arm].replicas > 0;
}
