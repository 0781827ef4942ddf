import { metricsJson } from "./metrics-json.ts";
import { renderMetrics } from "./metrics-text.ts";
import { answer, refuse, type Ask, type Reply, type Route } from "./reply.ts";
import { resetKnobs, setKnobs } from "./set-knobs.ts";
import { withFaults } from "./with-faults.ts";
import type { World } from "./world.ts";

const openmetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/** What a rollout reads, what a test asks for the truth, and the knobs that break it. */
export const observeRoutes: readonly Route[] = [
  withFaults("metrics", {
    method: "GET",
    path: "/metrics",
    about: "counters, histogram and gauges, as Prometheus scrapes them",
    answer: getMetrics,
  }),
  withFaults("metrics", {
    method: "GET",
    path: "/metrics.json",
    about: "rates and quantiles of each version over the last ?window=10 seconds (1 to 60)",
    answer: getMetricsJson,
  }),
  { method: "GET", path: "/logs", about: "the last ?tail=100 lines (1 to 10000)", answer: getLogs },
  {
    method: "GET",
    path: "/state",
    about: "the truth: traffic, flags, served, writes, deploys",
    answer: ({ world }) => answer(200, stateOf(world)),
  },
  {
    method: "GET",
    path: "/knobs",
    about: "what is broken now",
    answer: ({ world }) => answer(200, world.knobs),
  },
  { method: "POST", path: "/knobs", about: "merge knobs; null puts one back", answer: postKnobs },
  {
    method: "DELETE",
    path: "/knobs",
    about: "heal: every knob back to its default",
    answer: deleteKnobs,
  },
];

/** The body of `GET /state`. No knob touches it. `traffic` is the router's setting, `served` is what has been answered. */
interface SandboxState {
  readonly traffic: { readonly stable: number; readonly canary: number };
  readonly flags: Readonly<Record<string, { enabled: boolean; percentage: number }>>;
  readonly served: { readonly stable: number; readonly canary: number };
  readonly writes: World["writes"];
  readonly deploys: World["deploys"];
}

function stateOf(world: World): SandboxState {
  const { stable, canary } = world.traffic.arms;
  return {
    traffic: { stable: 100 - world.canaryWeight, canary: world.canaryWeight },
    flags: Object.fromEntries(world.flags),
    served: { stable: stable.served, canary: canary.served },
    writes: world.writes,
    deploys: world.deploys,
  };
}

function getMetrics({ world, headers }: Ask): Reply {
  const format = headers.accept?.includes("application/openmetrics-text")
    ? "openmetrics"
    : "prometheus";
  const type = format === "openmetrics" ? openmetricsType : prometheusType;
  const body = lieOf(world) ?? renderMetrics(world, format);
  return { kind: "answer", status: 200, type, body };
}

function getMetricsJson({ world, query }: Ask): Reply {
  const window = numberOf(query, "window", 10);
  if (window === null || window < 1 || window > 60) {
    return refuse(`window is "${query.get("window") ?? ""}": give seconds from 1 to 60`);
  }
  const lie = lieOf(world);
  if (lie !== null) return { kind: "answer", status: 200, type: "application/json", body: lie };
  const metrics = metricsJson(world, window * 1000);
  if (world.knobs.lieMetrics !== "nan") return answer(200, metrics);
  const text = JSON.stringify(metrics, (name, value: unknown) =>
    isMeasured(name, value) ? "NaN" : value,
  );
  return { kind: "answer", status: 200, type: "application/json", body: text };
}

/** JSON has no NaN; what sources write instead is the string, as the API of Prometheus does. */
function isMeasured(name: string, value: unknown): boolean {
  return (
    (typeof value === "number" || value === null) && /^(error_rate|rps|p\d\d|usage)$/.test(name)
  );
}

/** The 200 with something else inside, in place of the metrics. */
function lieOf(world: World): string | null {
  switch (world.knobs.lieMetrics) {
    case "error":
      return '{"status":"error","errorType":"internal","error":"the storage did not answer"}\n';
    case "garbage":
      return '<!doctype html><title>502</title>http_requests_total{version="canary 12 \u0000{{\n';
    case "empty":
      return "";
    case "nan":
    case false:
      return null;
  }
}

function getLogs({ world, query }: Ask): Reply {
  const tail = numberOf(query, "tail", 100);
  if (tail === null || !Number.isInteger(tail) || tail < 1 || tail > 10_000) {
    return refuse(`tail is "${query.get("tail") ?? ""}": give a number of lines from 1 to 10000`);
  }
  const body = world.logLines.slice(-tail).map((line) => `${line}\n`);
  return { kind: "answer", status: 200, type: "text/plain; charset=utf-8", body: body.join("") };
}

function postKnobs({ world, body, now }: Ask): Reply {
  const merged = setKnobs(world, body, now);
  return merged.kind === "merged" ? answer(200, merged.knobs) : refuse(merged.message);
}

function deleteKnobs({ world, now }: Ask): Reply {
  resetKnobs(world, now);
  return answer(200, world.knobs);
}

function numberOf(query: URLSearchParams, name: string, fallback: number): number | null {
  const text = query.get(name);
  if (text === null) return fallback;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
