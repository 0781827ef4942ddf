import type { z } from "zod";

import { builtInSinks } from "../sinks/built-in-sinks.ts";
import type { SinkDriver } from "../sinks/sink.ts";
import { http } from "./actions/http.ts";
import { run } from "./actions/run.ts";
import { http as httpCheck } from "./checks/http.ts";
import { log as logCheck } from "./checks/log.ts";
import { run as runCheck } from "./checks/run.ts";
import type { ActionDriver, CheckDriver, EvidenceDriver, MetricDriver } from "./driver.ts";
import { envFile } from "./env/env-file.ts";
import { service } from "./env/service.ts";
import { httpAnswer } from "./evidence/http.ts";
import { logLines } from "./evidence/log.ts";
import { metricsPage } from "./evidence/metrics.ts";
import { panel } from "./evidence/panel.ts";
import { picture } from "./evidence/picture.ts";
import { runOutput } from "./evidence/run.ts";
import { featureFlag } from "./flags/feature-flag.ts";
import { flag } from "./flags/flag.ts";
import { flagd } from "./flags/flagd.ts";
import { launchdarklyConnection } from "./flags/launchdarkly-connection.ts";
import { launchdarkly } from "./flags/launchdarkly.ts";
import { posthog } from "./flags/posthog.ts";
import { unleashConnection } from "./flags/unleash-connection.ts";
import { unleash } from "./flags/unleash.ts";
import { annotate } from "./kubectl/annotate.ts";
import { apply } from "./kubectl/apply.ts";
import { kubectlConnection } from "./kubectl/connection.ts";
import { kubectlAction } from "./kubectl/kubectl-action.ts";
import { kubectlCheck } from "./kubectl/kubectl-check.ts";
import { kubectlEvidence } from "./kubectl/kubectl-evidence.ts";
import { label } from "./kubectl/label.ts";
import { patch } from "./kubectl/patch.ts";
import { rolloutStatus } from "./kubectl/rollout-status.ts";
import { scale } from "./kubectl/scale.ts";
import { setEnv } from "./kubectl/set-env.ts";
import { setImage } from "./kubectl/set-image.ts";
import { wait } from "./kubectl/wait.ts";
import { sshConnection } from "./machine/ssh-connection.ts";
import { alertmanagerDriver } from "./metrics/alertmanager.ts";
import { commandDriver } from "./metrics/command.ts";
import { graphiteDriver } from "./metrics/graphite.ts";
import { httpJsonDriver } from "./metrics/http-json.ts";
import { influxdbDriver } from "./metrics/influxdb.ts";
import { logDriver } from "./metrics/log.ts";
import { lokiDriver } from "./metrics/loki.ts";
import { openmetricsDriver } from "./metrics/openmetrics.ts";
import { prometheusDriver } from "./metrics/prometheus.ts";
import { sqlDriver } from "./metrics/sql.ts";
import { httpConnection } from "./rest/http-connection.ts";
import { gatewayApi } from "./traffic/gateway-api.ts";
import { haproxyConnection } from "./traffic/haproxy/connection.ts";
import { haproxy } from "./traffic/haproxy/haproxy.ts";
import { ingressNginx } from "./traffic/ingress-nginx.ts";
import { istio } from "./traffic/istio.ts";
import { nginx } from "./traffic/nginx/nginx.ts";
import { replicas } from "./traffic/replicas.ts";
import { stated } from "./traffic/stated.ts";
import { traefik } from "./traffic/traefik.ts";

const actions: readonly ActionDriver<unknown>[] = [
  run,
  http,
  flag,
  unleash,
  launchdarkly,
  flagd,
  featureFlag,
  posthog,
  envFile,
  service,
  kubectlAction,
  setImage,
  setEnv,
  scale,
  annotate,
  label,
  patch,
  apply,
  rolloutStatus,
  wait,
  ingressNginx,
  replicas,
  traefik,
  istio,
  haproxy,
  nginx,
  stated,
  gatewayApi,
];

const checks: readonly CheckDriver<unknown>[] = [httpCheck, runCheck, kubectlCheck, logCheck];

const evidence: readonly EvidenceDriver<unknown>[] = [
  metricsPage,
  httpAnswer,
  runOutput,
  kubectlEvidence,
  logLines,
  picture,
  panel,
];

const metrics: readonly MetricDriver<unknown, unknown>[] = [
  prometheusDriver,
  openmetricsDriver,
  httpJsonDriver,
  commandDriver,
  logDriver,
  lokiDriver,
  sqlDriver,
  graphiteDriver,
  influxdbDriver,
  alertmanagerDriver,
];

interface ConnectionType {
  readonly type: string;
  readonly description: string;
  readonly config: z.ZodType;
}

const connections: readonly ConnectionType[] = [
  {
    type: "http",
    description: "an HTTP API: an address and how to sign in there",
    config: httpConnection,
  },
  kubectlConnection,
  haproxyConnection,
  sshConnection,
  unleashConnection,
  launchdarklyConnection,
];

/** By the word that a plan names each with: verb, connection type, key of a check or of an evidence item. */
interface BuiltIn {
  readonly actions: ReadonlyMap<string, ActionDriver<unknown>>;
  readonly metrics: ReadonlyMap<string, MetricDriver<unknown, unknown>>;
  readonly checks: ReadonlyMap<string, CheckDriver<unknown>>;
  readonly evidence: ReadonlyMap<string, EvidenceDriver<unknown>>;
  readonly connections: ReadonlyMap<string, ConnectionType>;
  readonly sinks: ReadonlyMap<string, SinkDriver>;
}

/** Every driver that ships: the one list of them. A new driver is a file of its own and a line here. */
export function builtInDrivers(): BuiltIn {
  const sinks = builtInSinks();
  return {
    actions: byName(actions, ({ kind }) => kind),
    metrics: byName(metrics, ({ type }) => type),
    checks: byName(checks, ({ kind }) => kind),
    evidence: byName(evidence, ({ kind }) => kind),
    connections: byName([...connections, ...metrics, ...sinks.values()], ({ type }) => type),
    sinks,
  };
}

/** @throws when two drivers claim one name: a bug. */
function byName<T>(list: readonly T[], nameOf: (each: T) => string): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const each of list) {
    const name = nameOf(each);
    if (map.has(name)) throw new Error(`two drivers are called ${name}`);
    map.set(name, each);
  }
  return map;
}
