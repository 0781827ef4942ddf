import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { folderForTest, startCanary, type CanaryProcess } from "../../e2e/support/run-canary.ts";
import { worldForTest, type World } from "../../e2e/support/world.ts";
import type { TestCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { watchFields, type WatchedFields } from "./watched-fields.ts";

/** One rollout in a Job: what it changes, and who watches that. */
export interface JobWorld {
  readonly world: World;
  readonly kube: KubeWorld;
  readonly ingress: WatchedFields;
  readonly deployment: WatchedFields;
  readonly start: CanaryProcess;
  /** A command of another machine, which knows nothing but the store. */
  readonly elsewhere: (args: readonly string[]) => CanaryProcess;
  /** The lines that the commands of the plan wrote. */
  readonly ledger: () => readonly string[];
  close(): Promise<void>;
}

const BIN = resolve(import.meta.dirname, "../../../bin/canary.js");
const PLAN = resolve(import.meta.dirname, "../plans/job.yaml");
const WEIGHT = "nginx.ingress.kubernetes.io/canary-weight";
const STAGE = "canary.example/stage";

/**
 * Starts the rollout. `ownHost`: each Pod has a name of a host of its own, as in a cluster of several machines, so that only
 * its heartbeat tells whether it lives. `soak`: of each stage.
 */
export async function startJob(
  cluster: TestCluster,
  { ownHost, soak }: { readonly ownHost: boolean; readonly soak: string },
): Promise<JobWorld> {
  const world = await worldForTest();
  const kube = await startKubeWorld(cluster, [ingressManifest(), canaryManifest()]);
  const { namespace } = kube;
  const watch = (base: string, fieldsOf: Parameters<typeof watchFields>[2]): WatchedFields =>
    watchFields(cluster, `${base}?watch=1&fieldSelector=metadata.name%3Dshop-canary`, fieldsOf);
  const ingresses = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`;
  const ingress = watch(ingresses, ({ metadata }) => ({
    weight: metadata.annotations?.[WEIGHT] ?? "absent",
  }));
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const deployment = watch(deployments, ({ metadata, spec }) => ({
    image: spec.template?.spec.containers[0]?.image ?? "absent",
    replicas: String(spec.replicas),
    stage: metadata.annotations?.[STAGE] ?? "absent",
  }));
  const env = { KUBECONFIG: cluster.kubeconfig, CANARY_STORE: `kubernetes:///${namespace}` };
  const ledger = join(world.folder, "ledger");
  const elsewhere = folderForTest();
  const options = {
    kubeconfig: cluster.kubeconfig,
    namespace,
    ledger,
    soak,
  };
  const start = world.start(
    PLAN,
    [
      ...["--in-cluster", "--image", "local/process", "--command", commandOf(world, ownHost)],
      ...Object.entries(options).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
    ],
    env,
  );
  return {
    ...{ world, kube, ingress, deployment, start },
    elsewhere: (args) => startCanary(elsewhere, args, { env }),
    ledger: () => (existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : []),
    async close() {
      ingress.stop();
      deployment.stop();
      await kube[Symbol.asyncDispose]();
    },
  };
}

function commandOf(world: World, ownHost: boolean): string {
  const canRename = spawnSync("unshare", ["--uts", "true"]).status === 0;
  if (!ownHost || !canRename) return `${process.execPath} ${BIN}`;
  const script = join(world.folder, "pod");
  const lines = ["#!/bin/sh", 'hostname "$POD_NAME"', `exec ${process.execPath} ${BIN} "$@"`];
  writeFileSync(script, `${lines.join("\n")}\n`, { mode: 0o755 });
  return `unshare --uts ${script}`;
}

function ingressManifest(): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: "shop-canary",
      annotations: { "nginx.ingress.kubernetes.io/canary": "true", [WEIGHT]: "0" },
    },
    spec: { defaultBackend: { service: { name: "shop", port: { number: 80 } } } },
  };
}

function canaryManifest(): object {
  const LABELS = { app: "shop-canary" };
  return {
    ...deploymentManifest("shop-canary"),
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { containers: [{ name: "app", image: "shop:v1" }] },
      },
    },
  };
}
