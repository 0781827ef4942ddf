import type { Rule } from "./role-rules.ts";

export interface JobRequest {
  readonly rollout: string;
  /** Where the store is, and the Job with it. */
  readonly namespace: string;
  readonly plan: string;
  readonly image: string;
  /** What runs canary in the image. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** The Secret whose keys become variables; null where the plan needs none. */
  readonly secrets: string | null;
  /** By namespace: what the plan and its way back need there. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
}

const RBAC = "rbac.authorization.k8s.io";
/** Pods that may end without the end of the rollout: nodes are drained and fail. */
const PODS = 100;
/** How long a Pod has to journal that it leaves, in seconds. */
const GRACE = 30;

/** The objects of a rollout that runs as a Job: an account with just these rights, and what it runs. */
export function jobObjects(request: JobRequest): readonly object[] {
  const { rollout, namespace, plan } = request;
  const name = `canary-${rollout}`;
  const labels = {
    "app.kubernetes.io/managed-by": "canary",
    "canary-rollout.dev/rollout": rollout,
    "canary-rollout.dev/plan": plan,
  };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const rules = withStore(request);
  const role = (where: string, own: readonly Rule[]): readonly object[] => {
    const metadata = { name, namespace: where, labels };
    const roleRef = { apiGroup: RBAC, kind: "Role", name };
    return [
      { apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules: own },
      { apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata, roleRef, subjects },
    ];
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
    ...[...rules].flatMap(([where, own]) => role(where, own)),
    ...clusterIdentity(name, labels, subjects),
    jobOf(request, name, labels),
  ];
}

function withStore({ namespace, rules, secrets }: JobRequest): Map<string, readonly Rule[]> {
  const core = { apiGroups: [""] };
  const store: readonly Rule[] = [
    { ...core, resources: ["configmaps"], verbs: ["create", "get", "list", "patch"] },
    ...(secrets === null
      ? []
      : [{ ...core, resources: ["secrets"], resourceNames: [secrets], verbs: ["get"] }]),
  ];
  return new Map([...rules, [namespace, [...(rules.get(namespace) ?? []), ...store]]]);
}

/** So that a Pod and a laptop, which reach the API server by two addresses, agree on which cluster it is. */
function clusterIdentity(name: string, labels: object, subjects: readonly object[]): object[] {
  const metadata = { name, labels };
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name };
  const resourceNames = ["kube-system"];
  const rules = [{ apiGroups: [""], resources: ["namespaces"], resourceNames, verbs: ["get"] }];
  return [
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata, rules },
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRoleBinding", metadata, roleRef, subjects },
  ];
}

function jobOf(
  { namespace, image, command, args, rollout }: JobRequest,
  name: string,
  labels: object,
): object {
  const env = [
    { name: "CANARY_STORE", value: `kubernetes:///${namespace}` },
    { name: "CANARY_IN_CLUSTER", value: "1" },
  ];
  const container = { name: "canary", image, command: [...command, "job", rollout, ...args], env };
  const spec = {
    serviceAccountName: name,
    restartPolicy: "Never",
    terminationGracePeriodSeconds: GRACE,
    containers: [container],
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels },
    spec: { backoffLimit: PODS, template: { metadata: { labels }, spec } },
  };
}
