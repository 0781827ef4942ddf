import type { Json } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { autoscalerProblems } from "../kubectl/autoscaler-problems.ts";
import { at, isObject, listAt, nameOf, textAt, type KubeObject } from "../kubectl/kube-object.ts";
import { parseObject, runKubectl } from "../kubectl/run-kubectl.ts";

/** What makes numbers of replicas share nothing: an autoscaler that sets them back, or no Service over both. */
export async function replicaProblems(
  canary: KubeObject,
  stable: KubeObject,
  context: DriverContext,
): Promise<readonly string[]> {
  if (textAt(canary, "metadata", "uid") === textAt(stable, "metadata", "uid"))
    return [`${nameOf(canary)} is named as both versions`];
  const found = await Promise.all([
    autoscalerProblems(canary, context),
    autoscalerProblems(stable, context),
    serviceProblems(canary, stable, context),
  ]);
  return found.flat();
}

/** Who may not list Services is not told. */
async function serviceProblems(
  canary: KubeObject,
  stable: KubeObject,
  context: DriverContext,
): Promise<readonly string[]> {
  const namespace = textAt(canary, "metadata", "namespace") ?? "";
  const args = [`--namespace=${namespace}`, "get", "services", "--output=json"];
  const printed = await runKubectl(args, context);
  const list = printed.kind === "ok" ? parseObject(printed.value) : printed;
  if (list.kind !== "ok") return [];
  const both = listAt(list.value, "items").some((service) => {
    const selector = at(service, "spec", "selector");
    return isObject(selector) && [canary, stable].every((each) => selects(selector, each));
  });
  return both
    ? []
    : [
        `no Service selects the Pods of both ${nameOf(canary)} and ${nameOf(stable)}: their numbers of replicas share nothing`,
      ];
}

function selects(selector: KubeObject, workload: KubeObject): boolean {
  const labels = at(workload, "spec", "template", "metadata", "labels");
  const entries: readonly [string, Json][] = Object.entries(selector);
  return (
    entries.length > 0 && entries.every(([key, value]) => textAt(labels ?? null, key) === value)
  );
}
