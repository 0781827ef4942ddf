import { seenOf } from "../kubectl/fence-rule.ts";
import { fieldAt, type ForwardChange, type Owner } from "../kubectl/kube-field.ts";
import {
  at,
  nameOf,
  numberAt,
  present,
  resourceOf,
  textAt,
  type KubeObject,
} from "../kubectl/kube-object.ts";

export interface Counts {
  readonly canary: number;
  readonly stable: number;
}

/** A change on its way forward, with how many replicas of the other workload must be ready before this one shrinks. */
export interface ReplicaChange extends ForwardChange {
  readonly needs?: number;
}

/** The changes of both workloads, the one that grows first. */
export function replicaChanges(
  owner: Owner,
  live: { readonly canary: KubeObject; readonly stable: KubeObject },
  counts: Counts,
): readonly ReplicaChange[] {
  const canary = changeOf(owner, live.canary, live.stable, counts.canary, counts.stable);
  const stable = changeOf(owner, live.stable, live.canary, counts.stable, counts.canary);
  return counts.canary >= replicasOf(live.canary) ? [canary, stable] : [stable, canary];
}

function changeOf(
  owner: Owner,
  object: KubeObject,
  other: KubeObject,
  count: number,
  needs: number,
): ReplicaChange {
  const partner = {
    type: resourceOf(other),
    name: textAt(other, "metadata", "name") ?? "",
    namespace: textAt(other, "metadata", "namespace"),
    replicas: replicasOf(other),
  };
  return {
    field: fieldAt(owner, object, ["spec", "replicas"], { label: "replicas", partner }),
    value: present(count),
    seen: seenOf(object),
    needs,
  };
}

/** The API fills in 1 where a manifest says nothing. */
export function replicasOf(object: KubeObject): number {
  return at(object, "spec", "replicas") === undefined ? 1 : numberAt(object, "spec", "replicas");
}

/** Replicas that serve: those of a Deployment that are available, those of others that are ready. */
export function servingOf(object: KubeObject): number {
  const status = at(object, "status", "availableReplicas");
  return typeof status === "number" ? status : numberAt(object, "status", "readyReplicas");
}

export function servingText(object: KubeObject, needed: number): string {
  return `${nameOf(object)} has ${servingOf(object)} of the ${needed} ready replicas that must serve before the other version shrinks`;
}
