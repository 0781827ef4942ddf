import { describe, expect, it } from "vitest";

import type { KubeObject } from "../../../src/drivers/kubectl/kube-object.ts";
import { rolloutState } from "../../../src/drivers/kubectl/rollout-state.ts";

function workload(kind: string, spec: KubeObject, status: KubeObject): KubeObject {
  return { apiVersion: "apps/v1", kind, metadata: { name: "api", generation: 3 }, spec, status };
}

const whole = {
  observedGeneration: 3,
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
};
const exceeded = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];

describe("whether a workload has rolled out", () => {
  it.each([
    ["Deployment", { replicas: 2 }, whole],
    ["Deployment", { replicas: 0 }, { observedGeneration: 3 }],
    ["StatefulSet", { replicas: 2 }, { ...whole, currentRevision: "b", updateRevision: "b" }],
    [
      "StatefulSet",
      { replicas: 2, updateStrategy: { type: "OnDelete" } },
      { ...whole, updatedReplicas: 0, currentRevision: "a", updateRevision: "b" },
    ],
    [
      "StatefulSet",
      { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { ...whole, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
    ],
    [
      "DaemonSet",
      {},
      {
        observedGeneration: 3,
        desiredNumberScheduled: 4,
        updatedNumberScheduled: 4,
        numberAvailable: 4,
      },
    ],
    ["ReplicaSet", { replicas: 2 }, whole],
  ])("%s %j with %j has", (kind, spec, status) => {
    expect(rolloutState(workload(kind, spec as KubeObject, status as KubeObject))).toEqual({
      kind: "done",
    });
  });

  it.each([
    [
      "Deployment",
      { replicas: 2 },
      { ...whole, observedGeneration: 2 },
      "has not seen the change yet",
    ],
    ["Deployment", { replicas: 2 }, {}, "has not seen the change yet"],
    ["Deployment", { replicas: 3 }, whole, "2 of 3 new replicas are there"],
    ["Deployment", { replicas: 2 }, { ...whole, replicas: 3 }, "1 old replicas are still there"],
    [
      "Deployment",
      { replicas: 2 },
      { ...whole, availableReplicas: 1 },
      "1 of 2 replicas are available",
    ],
    ["Deployment", { replicas: 0 }, whole, "2 replicas too many"],
    [
      "StatefulSet",
      { replicas: 2 },
      { ...whole, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      "1 of 2 replicas are updated",
    ],
    ["StatefulSet", { replicas: 2 }, { ...whole, readyReplicas: 1 }, "1 of 2 replicas are ready"],
    [
      "DaemonSet",
      {},
      { observedGeneration: 3, desiredNumberScheduled: 4, updatedNumberScheduled: 1 },
      "1 of 4 Pods are updated",
    ],
    [
      "DaemonSet",
      {},
      {
        observedGeneration: 3,
        desiredNumberScheduled: 4,
        updatedNumberScheduled: 4,
        numberAvailable: 3,
      },
      "3 of 4 Pods are available",
    ],
  ])("%s %j with %j has not", (kind, spec, status, why) => {
    const state = rolloutState(workload(kind, spec, status));
    expect(state).toMatchObject({ kind: "waiting" });
    expect(JSON.stringify(state)).toContain(why);
  });

  it("fails where waiting is in vain", () => {
    expect(
      rolloutState(workload("Deployment", { replicas: 2 }, { ...whole, conditions: exceeded })),
    ).toEqual({
      kind: "failed",
      why: "deployment/api exceeded its progress deadline",
    });
    const paused = workload(
      "Deployment",
      { replicas: 2, paused: true },
      { ...whole, updatedReplicas: 0 },
    );
    expect(rolloutState(paused)).toMatchObject({ kind: "failed" });
  });

  it("takes a stale failure for none while the controller has not seen the change", () => {
    const status = { ...whole, observedGeneration: 2, conditions: exceeded };
    expect(rolloutState(workload("Deployment", { replicas: 2 }, status))).toMatchObject({
      kind: "waiting",
    });
  });

  it("has nothing to wait for where no controller counts", () => {
    expect(rolloutState({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } })).toEqual({
      kind: "done",
    });
  });
});
