import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "vitest";

import { afterTest } from "../../support/after-test.ts";
import type { TestCluster } from "../../support/cluster.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { folderForTest, startCanary } from "./run-canary.ts";
import { worldForTest } from "./world.ts";

/** How long the API server gives no answer, in milliseconds. */
const SILENCE = 20_000;
const WEIGHT = "nginx.ingress.kubernetes.io/canary-weight";

/** Makes the API server of a world silent, and gives what ends that. */
type Silence = (kube: KubeWorld) => () => void;

/**
 * A rollout of a cluster whose API server falls silent, with the journal on this machine or in that cluster: its abort says
 * what it waits for, goes on trying, and is done when there are answers again.
 */
export async function expectAbortThroughSilence(
  cluster: TestCluster,
  store: "file" | "shared",
  silence: Silence,
): Promise<void> {
  const kube = await startKubeWorld(cluster, [shopIngress("shop"), shopIngress("shop-canary")]);
  afterTest(() => kube[Symbol.asyncDispose]());
  const world = await worldForTest();
  const before = await kube.spec("ingress/shop-canary");
  const { kubeconfig } = kube.context().connection;
  const { namespace } = kube;
  const env = {
    KUBECONFIG: typeof kubeconfig === "string" ? kubeconfig : "",
    CANARY_STORE: store === "file" ? "file" : `kubernetes:///${namespace}`,
  };
  const plan = join(world.folder, "plan.json");
  writeFileSync(plan, JSON.stringify(silencePlan(namespace)));
  const runner = startCanary(world.folder, ["start", "--plan", plan], { env });
  const live = (): Promise<string> => kube.run(["get", "ingress/shop-canary", "--output=json"]);
  await eventually(live, (text) => text.includes(`"${WEIGHT}": "10"`));
  // A runner that cannot write its journal would go back by itself.
  if (store === "shared") runner.signal("SIGKILL");
  const end = silence(kube);
  afterTest(end);
  const folder = store === "file" ? world.folder : folderForTest();
  const abort = startCanary(folder, ["abort", "--reason", "it is slow"], { env });
  await sleep(SILENCE);
  const said = abort.stdout() + abort.stderr();
  end();
  const { code, stdout, stderr } = await abort.exit;
  expect(code, stdout + stderr).toBe(31);
  expect(await kube.spec("ingress/shop-canary")).toBe(before);
  expect(said).toMatch(
    store === "file" ? /canary weight.*no answer so far/u : /NOT ABORTED YET: .* does not answer/u,
  );
}

function shopIngress(name: string): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name,
      annotations:
        name === "shop" ? {} : { "nginx.ingress.kubernetes.io/canary": "true", [WEIGHT]: "0" },
    },
    spec: { defaultBackend: { service: { name: "shop", port: { number: 80 } } } },
  };
}

function silencePlan(namespace: string): object {
  return {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: "silence",
    connections: { cluster: { type: "kubectl", namespace } },
    checks: { fine: { run: ["true"] } },
    traffic: [{ "ingress-nginx": { ingress: "shop-canary" } }],
    stages: [{ name: "pilot", traffic: "10%", soak: "10m", checks: ["fine"] }],
    rollback: { verify: { within: "20s", checks: ["fine"] } },
  };
}
