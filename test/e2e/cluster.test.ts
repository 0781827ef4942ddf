import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { clusterForTest, describeCluster } from "../support/cluster.ts";
import { startKubeWorld, type KubeWorld } from "../support/kube-world.ts";
import { eventually } from "../support/sandbox-client.ts";
import type { CanaryProcess } from "./support/run-canary.ts";
import { worldForTest, type World } from "./support/world.ts";

const WORKLOAD = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop-canary", annotations: { "canary.example/owner": "team-shop" } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "shop-canary" } },
    template: {
      metadata: { labels: { app: "shop-canary" } },
      spec: { containers: [{ name: "app", image: "shop:v1" }] },
    },
  },
};
const NGINX = "nginx.ingress.kubernetes.io";

function ingress(name: string, annotations: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { defaultBackend: { service: { name, port: { number: 80 } } } },
  };
}

const INGRESSES = [
  ingress("shop", {}),
  ingress("shop-canary", { [`${NGINX}/canary`]: "true", [`${NGINX}/canary-weight`]: "0" }),
];

interface Both {
  readonly world: World;
  readonly kube: KubeWorld;
  readonly start: () => CanaryProcess;
}

async function both(): Promise<Both> {
  const world = await worldForTest();
  const cluster = await clusterForTest();
  const kube = await startKubeWorld(cluster, [WORKLOAD, ...INGRESSES]);
  await kube.run(["rollout", "status", "deployment/shop-canary", "--timeout=60s"]);
  const kubeconfig = join(world.folder, "kubeconfig");
  copyFileSync(cluster.kubeconfig, kubeconfig);
  const set = ["--set", `kubeconfig=${kubeconfig}`, "--set", `namespace=${kube.namespace}`];
  return { world, kube, start: () => world.start("cluster.yaml", set) };
}

async function weight(kube: KubeWorld): Promise<string> {
  return kube.run([
    "get",
    "ingress/shop-canary",
    "--output=jsonpath={.metadata.annotations.nginx\\.ingress\\.kubernetes\\.io/canary-weight}",
  ]);
}

/** What must be as it was: everything but what the server counts and the controllers write. */
async function specs(kube: KubeWorld): Promise<readonly string[]> {
  const all = [await kube.spec("deployment/shop-canary"), await kube.spec("ingress/shop-canary")];
  return all.map((text) => text.replaceAll(/"deployment\.kubernetes\.io\/revision": "\d+"/gu, ""));
}

describeCluster("rollouts on a real API server", () => {
  test("a rollout on a real API server is promoted, and leaves no mark", async () => {
    const { kube, start, world } = await both();
    const exit = await start().exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    const text = await kube.run(["get", "deployment/shop-canary", "--output=json"]);
    expect(text).toContain('"image": "shop:v2"');
    expect(text).not.toContain("canary-rollout.dev/mark");
    expect(await weight(kube)).toBe("100");
    const verified = await world.verify();
    expect(verified.code, verified.text).toBe(0);
  }, 120_000);

  test("an abort after kill -9 gives byte-identical specs back, also when something unrelated was changed", async () => {
    const { kube, start, world } = await both();
    const before = await specs(kube);
    const started = start();
    await eventually(
      () => weight(kube),
      (live) => live === "10",
    );
    started.signal("SIGKILL");
    await started.exit;
    await kube.run(["annotate", "deployment/shop-canary", "unrelated.example/note=kept"]);
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    await kube.run(["annotate", "deployment/shop-canary", "unrelated.example/note-"]);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);

  test("an abort while the runner is frozen in the middle of its actions: nothing of it lands after", async () => {
    const { kube, start, world } = await both();
    const before = await specs(kube);
    const started = start();
    await eventually(
      () => kube.run(["get", "deployment/shop-canary", "--output=json"]),
      (text) => text.includes("shop:v2"),
    );
    started.signal("SIGSTOP");
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    expect(await specs(kube)).toEqual(before);
    started.signal("SIGCONT");
    await Promise.race([started.exit, sleep(10_000)]);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);

  test("a failing metric rolls the cluster back to what it was", async () => {
    const { kube, start, world } = await both();
    const before = await specs(kube);
    const started = start();
    await eventually(
      () => weight(kube),
      (live) => live === "10",
    );
    await world.knobs({ stable: { errorRate: 0.9 } });
    await eventually(
      () => weight(kube),
      (live) => live === "0",
    );
    await world.knobs({ stable: null });
    const exit = await started.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);
});
