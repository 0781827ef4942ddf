import type { ActionNote } from "./driver-note.ts";

const API_SERVER = "a real API server";
const BACK =
  "the fields that it wrote, each as it was, in one patch that the API server refuses where somebody newer has written; what was absent is gone again";
const OWN =
  "`get` and `patch` on the object; `get` on the namespace kube-system, to know the cluster";
const READY = "the fields, and that the workload has rolled out";

function object(example: string, parts: Partial<ActionNote> = {}): ActionNote {
  return {
    example,
    undo: BACK,
    reads: "the fields",
    rights: OWN,
    test: "kubectl/restore.test.ts",
    against: API_SERVER,
    ...parts,
  };
}

function router(example: string, reads: string, test: string): ActionNote {
  return object(example, { reads, test: `traffic/${test}` });
}

/** The actions that go through kubectl. */
export const kubernetesNotes: Readonly<Record<string, ActionNote>> = {
  kubectl: {
    example: `kubectl: [rollout, restart, deployment/shop]
undo: none`,
    undo: "as the plan states: another action, or `none`",
    reads: "nothing: its exit code tells",
    rights: "what the command needs; the usual ones are asked for before the start",
    test: "kubectl/commands.test.ts",
    against: API_SERVER,
  },
  "set-image": object(
    `set-image: { workload: deployment/shop, container: web, image: "shop:v2" }`,
    {
      reads: READY,
      rights: `${OWN}; \`list\` on Pods, to say why they do not start`,
    },
  ),
  "set-env": object(`set-env: { workload: deployment/shop, env: { MODE: careful } }`, {
    reads: READY,
    rights: `${OWN}; \`list\` on Pods, to say why they do not start`,
  }),
  scale: object("scale: { workload: deployment/shop-canary, replicas: 2 }", {
    reads: "the replicas, and that they are ready",
    rights: `${OWN}; \`list\` on Pods and HorizontalPodAutoscalers`,
  }),
  annotate: object(`annotate: { resource: service/shop, set: { example.com/phase: canary } }`),
  label: object("label: { resource: deployment/shop, set: { phase: canary } }"),
  patch: object(`patch: { resource: configmap/shop, patch: { data: { mode: careful } } }`, {
    reads: "the fields, and that they are taken up where the object is a workload",
  }),
  apply: object(
    `apply:
  manifest:
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: shop-canary }
    data: { mode: careful }`,
    {
      undo: "what did not exist is deleted again; in what did, the fields that the manifest set are as they were",
      reads: "the fields of the manifest, and that they are taken up",
      rights:
        "`get`, `patch`, `create` and `delete` on each object; `get` on the namespace kube-system",
      test: "kubectl/apply.test.ts",
    },
  ),
  "rollout-status": {
    ...object("rollout-status: { workload: deployment/shop }"),
    undo: "nothing to undo",
    reads: "whether the workload has rolled out",
    rights: "`get` on the workload, `list` on Pods",
    test: "kubectl/waiting.test.ts",
  },
  wait: {
    ...object("wait: { resource: job/migrate, for: condition=complete }"),
    undo: "nothing to undo",
    reads: "what it waits for",
    rights: "`get` on the object",
    test: "kubectl/waiting.test.ts",
  },
  "feature-flag": object("feature-flag: { flag: checkout, object: shop-flags }", {
    reads: "the flag's state and targeting",
    test: "flags/feature-flag.test.ts",
  }),
  "ingress-nginx": router(
    "ingress-nginx: { ingress: shop-canary }",
    "the weight annotation",
    "ingress-nginx.test.ts",
  ),
  "gateway-api": router(
    "gateway-api: { route: shop, canary: shop-canary }",
    "the weights and routes, and that the Gateway has accepted them",
    "gateway-api.test.ts",
  ),
  istio: router(
    "istio: { virtualService: shop, canary: { subset: canary } }",
    "the weights and routes",
    "istio.test.ts",
  ),
  replicas: object(
    "replicas: { canary: deployment/shop-canary, stable: deployment/shop, total: 20 }",
    {
      undo: "the numbers before; whichever grows is ready before the other shrinks",
      reads: "the replicas, and that they are ready",
      rights: `${OWN}; \`list\` on Pods, Services and HorizontalPodAutoscalers`,
      test: "traffic/replicas.test.ts",
    },
  ),
  traefik: router(
    "traefik: { service: shop, canary: shop-canary }",
    "the weights",
    "traefik.test.ts",
  ),
};
