import { at, listAt, nameOf, numberAt, textAt, typeOf, type KubeObject } from "./kube-object.ts";

export type RolloutState =
  | { readonly kind: "done" }
  | { readonly kind: "waiting"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/**
 * Whether the controller has taken up what the object asks for, by the rules of `kubectl rollout status`:
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function rolloutState(object: KubeObject): RolloutState {
  const name = nameOf(object);
  const observed = at(object, "status", "observedGeneration");
  const isWorkload = /^(?:Deployment|StatefulSet|DaemonSet)\.apps$/.test(typeOf(object));
  if (
    typeof observed === "number"
      ? observed < numberAt(object, "metadata", "generation")
      : isWorkload
  )
    return { kind: "waiting", why: `the controller of ${name} has not seen the change yet` };
  switch (typeOf(object)) {
    case "Deployment.apps":
      return deployment(object, name);
    case "StatefulSet.apps":
      return statefulSet(object, name);
    case "DaemonSet.apps":
      return daemonSet(object, name);
    case "ReplicaSet.apps":
      return ready(object, name);
    default:
      return { kind: "done" };
  }
}

function deployment(object: KubeObject, name: string): RolloutState {
  const progressing = listAt(object, "status", "conditions").find(
    (each) => textAt(each, "type") === "Progressing",
  );
  if (textAt(progressing ?? null, "reason") === "ProgressDeadlineExceeded")
    return { kind: "failed", why: `${name} exceeded its progress deadline` };
  const wanted = wantedReplicas(object);
  const total = numberAt(object, "status", "replicas");
  const updated = numberAt(object, "status", "updatedReplicas");
  const available = numberAt(object, "status", "availableReplicas");
  if (updated < wanted && at(object, "spec", "paused") === true)
    return { kind: "failed", why: `${name} is paused: kubectl rollout resume ${name}` };
  if (updated < wanted) return waiting(name, `${updated} of ${wanted} new replicas are there`);
  if (total > updated) return waiting(name, `${total - updated} old replicas are still there`);
  if (total > wanted) return waiting(name, `${total - wanted} replicas too many are still there`);
  if (available < updated)
    return waiting(name, `${available} of ${updated} replicas are available`);
  return { kind: "done" };
}

function statefulSet(object: KubeObject, name: string): RolloutState {
  const settled = ready(object, name);
  if (settled.kind !== "done") return settled;
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") return { kind: "done" };
  const wanted = wantedReplicas(object);
  const partition = numberAt(object, "spec", "updateStrategy", "rollingUpdate", "partition");
  const updated = numberAt(object, "status", "updatedReplicas");
  const now = textAt(object, "status", "currentRevision");
  if (now !== textAt(object, "status", "updateRevision") && updated < wanted - partition)
    return waiting(name, `${updated} of ${wanted - partition} replicas are updated`);
  return { kind: "done" };
}

function daemonSet(object: KubeObject, name: string): RolloutState {
  const wanted = numberAt(object, "status", "desiredNumberScheduled");
  const updated = numberAt(object, "status", "updatedNumberScheduled");
  const available = numberAt(object, "status", "numberAvailable");
  const isRolling = textAt(object, "spec", "updateStrategy", "type") !== "OnDelete";
  if (isRolling && updated < wanted)
    return waiting(name, `${updated} of ${wanted} Pods are updated`);
  if (available < wanted) return waiting(name, `${available} of ${wanted} Pods are available`);
  return { kind: "done" };
}

function ready(object: KubeObject, name: string): RolloutState {
  const wanted = wantedReplicas(object);
  const total = numberAt(object, "status", "replicas");
  const isReady = numberAt(object, "status", "readyReplicas");
  if (total > wanted) return waiting(name, `${total - wanted} replicas too many are still there`);
  if (isReady < wanted) return waiting(name, `${isReady} of ${wanted} replicas are ready`);
  return { kind: "done" };
}

/** The API fills in 1 where a manifest says nothing. */
function wantedReplicas(object: KubeObject): number {
  return at(object, "spec", "replicas") === undefined ? 1 : numberAt(object, "spec", "replicas");
}

function waiting(name: string, what: string): RolloutState {
  return { kind: "waiting", why: `${name}: ${what}` };
}
