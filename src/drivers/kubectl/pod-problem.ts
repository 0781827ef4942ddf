import type { DriverContext } from "../driver.ts";
import { at, isObject, listAt, textAt, type KubeObject } from "./kube-object.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

/** Reasons of a waiting container that are only a start; all others say why a Pod does not come up. */
const NORMAL = new Set(["ContainerCreating", "PodInitializing"]);

/** Why a Pod of this workload does not come up, in words; null when none says so, or they may not be read. */
export async function podProblem(
  workload: KubeObject,
  context: DriverContext,
): Promise<string | null> {
  const labels = at(workload, "spec", "selector", "matchLabels");
  if (!isObject(labels)) return null;
  const selector = Object.entries(labels).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : ""}`,
  );
  const namespace = textAt(workload, "metadata", "namespace");
  const where = namespace === null ? [] : [`--namespace=${namespace}`];
  const args = [...where, "get", "pods", `--selector=${selector.join(",")}`, "--output=json"];
  const printed = await runKubectl(args, context);
  const pods = printed.kind === "ok" ? parseObject(printed.value) : printed;
  if (pods.kind !== "ok") return null;
  for (const pod of listAt(pods.value, "items")) {
    const problem = problemOf(pod);
    if (problem !== null) return `Pod ${textAt(pod, "metadata", "name") ?? ""}: ${problem}`;
  }
  return null;
}

function problemOf(pod: KubeObject[string]): string | null {
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((list) =>
    listAt(pod, "status", list),
  );
  for (const status of statuses) {
    const reason = textAt(status, "state", "waiting", "reason");
    if (reason === null || NORMAL.has(reason)) continue;
    const message = textAt(status, "state", "waiting", "message");
    return message === null ? reason : `${reason}, ${message.slice(0, 200)}`;
  }
  const scheduled = listAt(pod, "status", "conditions").find(
    (each) => textAt(each, "type") === "PodScheduled" && textAt(each, "status") === "False",
  );
  return scheduled === undefined ? null : textAt(scheduled, "message");
}
