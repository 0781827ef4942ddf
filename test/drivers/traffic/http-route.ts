import { installCrd, type TestCluster } from "../../support/cluster.ts";
import type { KubeWorld } from "../../support/kube-world.ts";

export interface Backend {
  readonly name: string;
  readonly port: number;
  readonly weight?: number;
}

export async function installHttpRoute(cluster: TestCluster): Promise<void> {
  await installCrd(cluster, "gateway-api-httproutes", "httproutes.gateway.networking.k8s.io");
}

export const SHOP: readonly Backend[] = [
  { name: "shop", port: 80, weight: 100 },
  { name: "shop-canary", port: 80, weight: 0 },
];

/** An HTTPRoute as its users write it; the API server fills in the rest. */
export function httpRoute(rules: readonly object[]): object {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "shop" },
    spec: { parentRefs: [{ name: "public" }], hostnames: ["shop.test"], rules },
  };
}

export function prefix(value: string): { readonly path: { type: string; value: string } } {
  return { path: { type: "PathPrefix", value } };
}

interface Said {
  readonly generation?: number;
  readonly accepted?: "True" | "False";
  readonly parent?: string;
}

/** Says what a Gateway's controller says when it has seen the route. */
export async function gatewaySays(
  world: KubeWorld,
  { generation, accepted = "True", parent = "public" }: Said = {},
): Promise<void> {
  const route = await world.object("httproute/shop");
  const { metadata } = route as { metadata: { generation: number } };
  const condition = (type: string, status: string): object => ({
    type,
    status,
    reason: status === "True" ? type : "NotAllowedByListeners",
    message: "seen by the test",
    lastTransitionTime: "2026-01-01T00:00:00Z",
    observedGeneration: generation ?? metadata.generation,
  });
  const status = {
    parents: [
      {
        controllerName: "gateway.test/controller",
        parentRef: { name: parent },
        conditions: [condition("Accepted", accepted), condition("ResolvedRefs", "True")],
      },
    ],
  };
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${world.namespace}/httproutes/shop/status`;
  await world.run(["replace", "--raw", path, "-f", "-"], JSON.stringify({ ...route, status }));
}
