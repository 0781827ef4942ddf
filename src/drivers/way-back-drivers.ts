import { lazySinks } from "../sinks/lazy-sinks.ts";
import type { SinkDriver } from "../sinks/sink.ts";
import type { ActionDriver, CheckDriver, EvidenceDriver, MetricDriver } from "./driver.ts";
import { offOf } from "./flags/flag-off.ts";
import {
  lazyAction,
  lazyCheck,
  lazyEvidence,
  lazyMetric,
  type FirstWrite,
  type LazyAction,
  type WayBack,
} from "./lazy-driver.ts";
import { createPrecedence, type Precedence } from "./precedence.ts";

const rest = async (): Promise<WayBack> => (await import("./rest/rest-way-back.ts")).restWayBack;

/** What goes through kubectl and has fields: they carry the mark of the fence. */
function kubectl(whole: LazyAction["whole"]): LazyAction {
  return { style: "fields", whole, fences: true, releases: true };
}

const object = async (): Promise<FirstWrite> =>
  (await import("./kubectl/object-way-back.ts")).objectWayBack;
const metadata = async (): Promise<FirstWrite> =>
  (await import("./kubectl/object-way-back.ts")).metadataWayBack;
const workload = async (): Promise<FirstWrite> =>
  (await import("./kubectl/object-way-back.ts")).workloadWayBack;

/** A verb that writes places of an object, as all of them do; `back` knows how they are taken up. */
function verb(
  back: () => Promise<FirstWrite>,
  whole: LazyAction["whole"],
  off?: LazyAction["off"],
): LazyAction {
  return { ...kubectl(whole), back, ...(off === undefined ? {} : { off }) };
}

const actions: Readonly<Record<string, LazyAction>> = {
  run: { style: "call", whole: async () => (await import("./actions/run.ts")).run },
  http: {
    style: (input) => (hasKey(input, "read") ? "fields" : "call"),
    back: rest,
    whole: async () => (await import("./actions/http.ts")).http,
  },
  flag: {
    style: "fields",
    back: rest,
    whole: async () => (await import("./flags/flag.ts")).flag,
  },
  unleash: {
    style: "fields",
    off: offOf,
    back: async () => (await import("./flags/unleash-way-back.ts")).unleashWayBack,
    whole: async () => (await import("./flags/unleash.ts")).unleash,
  },
  launchdarkly: {
    style: "fields",
    off: offOf,
    back: async () => (await import("./flags/launchdarkly-way-back.ts")).launchdarklyWayBack,
    whole: async () => (await import("./flags/launchdarkly.ts")).launchdarkly,
  },
  "feature-flag": verb(
    metadata,
    async () => (await import("./flags/feature-flag.ts")).featureFlag,
    offOf,
  ),
  posthog: {
    style: "fields",
    off: offOf,
    whole: async () => (await import("./flags/posthog.ts")).posthog,
  },
  flagd: {
    style: "fields",
    off: offOf,
    back: async () => (await import("./flags/flagd-way-back.ts")).flagdWayBack,
    whole: async () => (await import("./flags/flagd.ts")).flagd,
  },
  "env-file": {
    style: "fields",
    back: async () => (await import("./env/env-way-back.ts")).envWayBack,
    whole: async () => (await import("./env/env-file.ts")).envFile,
    releases: true,
  },
  service: {
    style: (input) => (hasKey(input, "state", ["started", "stopped"]) ? "fields" : "call"),
    back: async () => (await import("./env/service-way-back.ts")).serviceWayBack,
    whole: async () => (await import("./env/service.ts")).service,
  },
  kubectl: {
    style: "call",
    whole: async () => (await import("./kubectl/kubectl-action.ts")).kubectlAction,
  },
  "set-image": verb(workload, async () => (await import("./kubectl/set-image.ts")).setImage),
  "set-env": verb(workload, async () => (await import("./kubectl/set-env.ts")).setEnv),
  scale: verb(workload, async () => (await import("./kubectl/scale.ts")).scale),
  annotate: verb(metadata, async () => (await import("./kubectl/annotate.ts")).annotate),
  label: verb(metadata, async () => (await import("./kubectl/label.ts")).label),
  patch: verb(workload, async () => (await import("./kubectl/patch.ts")).patch),
  apply: kubectl(async () => (await import("./kubectl/apply.ts")).apply),
  "rollout-status": kubectl(
    async () => (await import("./kubectl/rollout-status.ts")).rolloutStatus,
  ),
  wait: kubectl(async () => (await import("./kubectl/wait.ts")).wait),
  nginx: {
    style: "fields",
    back: async () => (await import("./traffic/nginx/nginx-way-back.ts")).nginxWayBack,
    whole: async () => (await import("./traffic/nginx/nginx.ts")).nginx,
  },
  stated: {
    style: "fields",
    whole: async () => (await import("./traffic/stated.ts")).stated,
  },
  haproxy: {
    style: "fields",
    back: async () => (await import("./traffic/haproxy/haproxy-way-back.ts")).haproxyWayBack,
    whole: async () => (await import("./traffic/haproxy/haproxy.ts")).haproxy,
  },
  "ingress-nginx": verb(
    metadata,
    async () => (await import("./traffic/ingress-nginx.ts")).ingressNginx,
  ),
  replicas: kubectl(async () => (await import("./traffic/replicas.ts")).replicas),
  traefik: verb(metadata, async () => (await import("./traffic/traefik.ts")).traefik),
  istio: verb(metadata, async () => (await import("./traffic/istio.ts")).istio),
  "gateway-api": verb(object, async () => (await import("./traffic/gateway-api.ts")).gatewayApi),
};

const metrics: Readonly<Record<string, () => Promise<MetricDriver<unknown, unknown>>>> = {
  prometheus: async () => (await import("./metrics/prometheus.ts")).prometheusDriver,
  openmetrics: async () => (await import("./metrics/openmetrics.ts")).openmetricsDriver,
  "http-json": async () => (await import("./metrics/http-json.ts")).httpJsonDriver,
  command: async () => (await import("./metrics/command.ts")).commandDriver,
  log: async () => (await import("./metrics/log.ts")).logDriver,
  loki: async () => (await import("./metrics/loki.ts")).lokiDriver,
  sql: async () => (await import("./metrics/sql.ts")).sqlDriver,
  graphite: async () => (await import("./metrics/graphite.ts")).graphiteDriver,
  influxdb: async () => (await import("./metrics/influxdb.ts")).influxdbDriver,
  alertmanager: async () => (await import("./metrics/alertmanager.ts")).alertmanagerDriver,
};

const checks: Readonly<Record<string, () => Promise<CheckDriver<unknown>>>> = {
  http: async () => (await import("./checks/http.ts")).http,
  run: async () => (await import("./checks/run.ts")).run,
  kubectl: async () => (await import("./kubectl/kubectl-check.ts")).kubectlCheck,
  log: async () => (await import("./checks/log.ts")).log,
};

const evidence: Readonly<Record<string, () => Promise<EvidenceDriver<unknown>>>> = {
  metrics: async () => (await import("./evidence/metrics.ts")).metricsPage,
  http: async () => (await import("./evidence/http.ts")).httpAnswer,
  run: async () => (await import("./evidence/run.ts")).runOutput,
  kubectl: async () => (await import("./kubectl/kubectl-evidence.ts")).kubectlEvidence,
  log: async () => (await import("./evidence/log.ts")).logLines,
  picture: async () => (await import("./evidence/picture.ts")).picture,
  panel: async () => (await import("./evidence/panel.ts")).panel,
};

interface WayBackDrivers {
  readonly actions: ReadonlyMap<string, ActionDriver<unknown>>;
  readonly metrics: ReadonlyMap<string, MetricDriver<unknown, unknown>>;
  readonly checks: ReadonlyMap<string, CheckDriver<unknown>>;
  readonly evidence: ReadonlyMap<string, EvidenceDriver<unknown>>;
  readonly connections: ReadonlyMap<string, never>;
  readonly sinks: ReadonlyMap<string, SinkDriver>;
}

/**
 * The same drivers as `builtInDrivers`, each loaded when it is first called, and without schemas: an abort must not wait
 * for what only the reading of a plan needs, nor its first write for what only observes. A plan that is stored was
 * validated when it started.
 */
export function wayBackDrivers(precedence: Precedence = createPrecedence(1)()): WayBackDrivers {
  return {
    actions: lazyMap(actions, (name, lazy) => lazyAction(name, lazy, precedence)),
    metrics: lazyMap(metrics, (name, lazy) => lazyMetric(name, lazy, precedence)),
    checks: lazyMap(checks, (name, lazy) => lazyCheck(name, lazy, precedence)),
    evidence: lazyMap(evidence, (name, lazy) => lazyEvidence(name, lazy, precedence)),
    connections: new Map<string, never>(),
    sinks: lazySinks(precedence.turn),
  };
}

function lazyMap<T, D>(
  table: Readonly<Record<string, T>>,
  build: (name: string, lazy: T) => D,
): ReadonlyMap<string, D> {
  return new Map(Object.entries(table).map(([name, lazy]) => [name, build(name, lazy)]));
}

function hasKey(input: unknown, key: string, among?: readonly unknown[]): boolean {
  if (typeof input !== "object" || input === null) return false;
  const value = Object.entries(input).find(([name]) => name === key)?.[1] as unknown;
  return among === undefined ? value !== undefined : among.includes(value);
}
