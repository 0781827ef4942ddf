import type { FieldValue } from "../../../src/core/field.ts";
import { apply } from "../../../src/drivers/kubectl/apply.ts";
import { setEnv } from "../../../src/drivers/kubectl/set-env.ts";
import { ingressNginx } from "../../../src/drivers/traffic/ingress-nginx.ts";
import { describeCluster } from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { deploymentManifest, type KubeWorld } from "../../support/kube-world.ts";

function inMetadata(name: string, map: "annotations" | "labels", key: string) {
  const verb = map === "labels" ? "label" : "annotate";
  return {
    truth: async (world: KubeWorld): Promise<FieldValue> => {
      const metadata = (await world.object(name))["metadata"] as Record<string, never>;
      const value = (metadata[map] as Record<string, string> | undefined)?.[key];
      return value === undefined ? { present: false } : { present: true, value };
    },
    setLive: async (world: KubeWorld, value: FieldValue): Promise<void> => {
      const word = value.present ? `${key}=${value.value as string}` : `${key}-`;
      await world.run([verb, "--overwrite", name, word]);
    },
  };
}

const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { mode: "old", other: "1" },
};

const inData = {
  truth: async (world: KubeWorld): Promise<FieldValue> => {
    const data = (await world.object("configmap/settings"))["data"] as Record<string, string>;
    return data["mode"] === undefined ? { present: false } : { present: true, value: data["mode"] };
  },
  setLive: async (world: KubeWorld, value: FieldValue): Promise<void> => {
    const mode = value.present ? value.value : null;
    const merge = JSON.stringify({ data: { mode } });
    await world.run(["patch", "configmap", "settings", "--type=merge", `--patch=${merge}`]);
  },
};

const NGINX = "nginx.ingress.kubernetes.io";

describeCluster("against a real API server", () => {
  const connectionName = "cluster";

  kubeContract({
    driver: apply,
    request: {
      input: apply.input.parse({ manifest: withMode("new") }),
      share: null,
      connectionName,
    },
    other: {
      input: apply.input.parse({ manifest: withMode("newer") }),
      share: null,
      connectionName,
    },
    foreign: { present: true, value: "theirs" },
    make: [configMap],
    ...inData,
  });

  kubeContract({
    driver: setEnv,
    request: {
      input: setEnv.input.parse({
        workload: "deployment/api",
        container: "api",
        env: { LOG: "debug" },
      }),
      share: null,
      connectionName,
    },
    other: {
      input: setEnv.input.parse({
        workload: "deployment/api",
        container: "api",
        env: { LOG: "info" },
      }),
      share: null,
      connectionName,
    },
    foreign: { present: true, value: { name: "LOG", value: "theirs" } },
    make: [deploymentManifest("api", { replicas: 1 })],
    truth: async (world) => {
      const env = JSON.parse(
        await world.run([
          "get",
          "deployment/api",
          "-o",
          "jsonpath={.spec.template.spec.containers[0].env}",
        ]),
      ) as { name: string; value: string }[];
      const found = env.find(({ name }) => name === "LOG");
      return found === undefined ? { present: false } : { present: true, value: { ...found } };
    },
    setLive: async (world, value) => {
      const word = value.present ? `LOG=${(value.value as { value: string }).value}` : "LOG-";
      await world.run(["set", "env", "deployment/api", "-c", "api", word]);
    },
  });

  kubeContract({
    driver: ingressNginx,
    request: {
      input: ingressNginx.input.parse({ ingress: "api-canary" }),
      share: 5,
      connectionName,
    },
    other: {
      input: ingressNginx.input.parse({ ingress: "api-canary" }),
      share: 25,
      connectionName,
    },
    foreign: { present: true, value: "77" },
    make: [ingress("api", {}), ingress("api-canary", { [`${NGINX}/canary`]: "true" })],
    ...inMetadata("ingress/api-canary", "annotations", "nginx.ingress.kubernetes.io/canary-weight"),
  });
});

function withMode(mode: string): object {
  return { ...configMap, data: { mode } };
}

function ingress(name: string, annotations: Record<string, string>): object {
  const service = { name, port: { number: 80 } };
  const path = { path: "/", pathType: "Prefix", backend: { service } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { rules: [{ host: "api.test", http: { paths: [path] } }] },
  };
}
