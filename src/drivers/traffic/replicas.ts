import { z } from "zod";

import type { Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { missingNeeds } from "../kubectl/can-i.ts";
import { clusterIdentity } from "../kubectl/cluster-identity.ts";
import { kubectlConnection } from "../kubectl/connection.ts";
import { fence, release } from "../kubectl/fence.ts";
import { fetchObject, objectText } from "../kubectl/fetch-object.ts";
import type { KubeObject } from "../kubectl/kube-object.ts";
import { namespaceInput, objectName, workloadInput } from "../kubectl/object-input.ts";
import { readFields } from "../kubectl/read-fields.ts";
import { settleObjects } from "../kubectl/settle.ts";
import { replicaChanges, type Counts } from "./replica-changes.ts";
import { replicaProblems } from "./replica-problems.ts";
import { writeReplicas } from "./write-replicas.ts";

const replicasInput = z.strictObject({
  canary: workloadInput.describe("the workload of the new version, like deployment/api-canary"),
  stable: workloadInput.describe("the workload of the old version, like deployment/api"),
  total: z.int().min(1).describe("how many replicas serve together; each gets the same part"),
  namespace: namespaceInput,
});

export type ReplicasInput = z.infer<typeof replicasInput>;

/**
 * Shares requests by the number of replicas of two workloads behind one Service, where there is no router. Whichever
 * grows is ready before the other shrinks, on the way forward and on the way back.
 */
export const replicas: ActionDriver<ReplicasInput> = {
  kind: "replicas",
  description: "shares traffic by the number of replicas of two workloads behind one Service",
  connections: [kubectlConnection.type],
  traffic: true,
  input: replicasInput,
  refuses: {
    routes: { why: "a Service sees no headers or cookies", fix: "remove it, or use a router" },
    sticky: {
      why: "with `sessionAffinity` of a Service clients stay on one Pod, whatever the share",
      fix: "remove it, or use a router",
    },
  },
  style: () => "fields",
  preview: ({ input, share }) => {
    const counts = countsOf(share ?? 0, input.total);
    const { canary, stable } = counts.kind === "ok" ? counts.value : { canary: 0, stable: 0 };
    return [preview(input.canary, canary), preview(input.stable, stable)];
  },
  changes,
  read: readFields,
  write: writeReplicas,
  settle: (each, context) => settleObjects(each, context),
  call: () => Promise.resolve(failed("replicas is not called, it writes fields")),
  fence,
  release,
  permissions,
};

function preview(
  workload: string,
  count: number,
): { readonly does: string; readonly undo: string } {
  const command = `kubectl scale ${workload} --replicas=`;
  return { does: `${command}${count}`, undo: `${command}<the number before>` };
}

/** A share that the replicas cannot make is refused: one of ten is 10 %, whatever the plan calls it. */
function countsOf(share: Percent | null, total: number): Answer<Counts> {
  if (share === null) return failed("replicas needs a share: put it under `traffic`");
  const canary = Number(((share * total) / 100).toFixed(6));
  if (Number.isInteger(canary)) return ok({ canary, stable: total - canary });
  const step = Number((100 / total).toFixed(4));
  return failed(
    `${share} % of ${total} replicas is no whole number: use steps of ${step} %, or another \`total\``,
  );
}

async function changes(
  { input, share, connectionName }: Request<ReplicasInput>,
  context: DriverContext,
): Promise<Answer<Awaited<ReturnType<typeof replicaChanges>>>> {
  const counts = countsOf(share, input.total);
  if (counts.kind !== "ok") return counts;
  const [canary, stable, cluster] = await Promise.all([
    find(input.canary, input, context),
    find(input.stable, input, context),
    clusterIdentity(context),
  ]);
  if (canary.kind !== "ok") return canary;
  if (stable.kind !== "ok") return stable;
  if (cluster.kind !== "ok") return cluster;
  const { rollout } = context;
  const owner = { driver: "replicas", connection: connectionName, rollout, cluster: cluster.value };
  return ok(replicaChanges(owner, { canary: canary.value, stable: stable.value }, counts.value));
}

async function find(
  workload: string,
  { namespace }: ReplicasInput,
  context: DriverContext,
): Promise<Answer<KubeObject>> {
  const name = objectName(workload, namespace);
  const live = await fetchObject(name, context);
  if (live.kind !== "ok") return live;
  return live.value === null ? failed(`there is no ${objectText(name)}`) : ok(live.value);
}

async function permissions(
  { input, share }: Request<ReplicasInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const counts = countsOf(share, input.total);
  const needs = [input.canary, input.stable].flatMap((workload) => {
    const object = objectName(workload, input.namespace);
    return [
      { ...object, verb: "get", reason: "reading its baseline and reading back" },
      { ...object, verb: "patch", reason: "the change and its undo" },
    ];
  });
  const missing = await missingNeeds(needs, context);
  const problems = [...(counts.kind === "ok" ? [] : [counts.why]), ...missing];
  if (missing.length > 0) return problems;
  const [canary, stable] = await Promise.all([
    find(input.canary, input, context),
    find(input.stable, input, context),
  ]);
  if (canary.kind !== "ok") return [...problems, canary.why];
  if (stable.kind !== "ok") return [...problems, stable.why];
  return [...problems, ...(await replicaProblems(canary.value, stable.value, context))];
}
