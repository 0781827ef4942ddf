import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { DriverContext } from "../../src/drivers/driver.ts";
import { createExec } from "../../src/drivers/exec.ts";
import { kubectl, type TestCluster } from "./cluster.ts";
import { driverContext } from "./driver-context.ts";
import { folderOfRun } from "./folder-of-run.ts";
import { startTcpGate, type TcpGate } from "./tcp-gate.ts";

/** One namespace of the cluster, seen by canary through a gate, and by the test past it. */
export interface KubeWorld extends AsyncDisposable {
  readonly namespace: string;
  readonly gate: TcpGate;
  /** A context as an epoch of a rollout has it; the admin's rights unless told otherwise. */
  context(parts?: {
    readonly rollout?: string;
    readonly epoch?: number;
    readonly signal?: AbortSignal;
    readonly as?: "admin" | "restricted";
  }): DriverContext;
  /** kubectl as the administrator, in this namespace, past the gate. */
  run(args: readonly string[], input?: string): Promise<string>;
  /** An object as the API server has it. */
  object(name: string): Promise<Record<string, unknown>>;
  /** The object as canary must leave it: all but what the server counts and the controllers write. */
  spec(name: string): Promise<string>;
}

/** What the restricted user may do in a world: what a plan of typed actions needs, and nothing in the cluster itself. */
const RIGHTS = ["get", "list", "patch", "create", "delete"];

export async function startKubeWorld(
  cluster: TestCluster,
  manifests: readonly object[] = [],
): Promise<KubeWorld> {
  const namespace = `t-${randomBytes(4).toString("hex")}`;
  await kubectl(cluster, ["create", "-f", "-"], JSON.stringify(worldList(namespace, manifests)));
  const gate = await startTcpGate(cluster.server);
  const folder = await mkdtemp(join(folderOfRun(), "kube-"));
  for (const [name, file] of [
    ["admin", cluster.kubeconfig],
    ["restricted", cluster.restricted],
  ] as const) {
    const text = (await readFile(file, "utf8")).replace(cluster.server, gate.address);
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  const run = (args: readonly string[], input?: string): Promise<string> =>
    kubectl(cluster, [`--namespace=${namespace}`, ...args], input);
  const object = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await run(["get", name, "--output=json"])) as Record<string, unknown>;
  return {
    namespace,
    gate,
    run,
    object,
    context: ({ rollout = "r-1", epoch = 1, signal, as = "admin" } = {}) => ({
      ...driverContext({
        connection: { kubeconfig: join(folder, as), namespace },
        ...(signal === undefined ? {} : { signal }),
      }),
      rollout,
      epoch,
      exec: createExec({ rollout, epoch }),
    }),
    async spec(name) {
      const { metadata, status: _, ...rest } = await object(name);
      const {
        resourceVersion: __,
        generation: ___,
        managedFields: ____,
        ...meta
      } = metadata as Record<string, unknown>;
      return JSON.stringify({ ...rest, metadata: meta }, null, 1);
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function worldList(namespace: string, manifests: readonly object[]): unknown {
  const rbac = "rbac.authorization.k8s.io";
  const metadata = { name: "devs", namespace };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata,
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: RIGHTS }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: rbac, kind: "Role", name: "devs" },
      subjects: [{ apiGroup: rbac, kind: "Group", name: "devs" }],
    },
    ...manifests.map((manifest) => placed(manifest, namespace)),
  ];
  return { apiVersion: "v1", kind: "List", items };
}

function placed(manifest: object, namespace: string): object {
  const { metadata } = manifest as { metadata: object };
  return { ...manifest, metadata: { ...metadata, namespace } };
}

/** Deployments, as plans change them. */
export function deploymentManifest(name: string, parts: { replicas?: number } = {}): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: parts.replicas ?? 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: "api", image: "registry/x:1", env: [{ name: "A", value: "1" }] },
            { name: "sidecar", image: "registry/side:1" },
          ],
        },
      },
    },
  };
}
