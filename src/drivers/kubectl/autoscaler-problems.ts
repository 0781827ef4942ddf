import type { DriverContext } from "../driver.ts";
import { listAt, nameOf, textAt, type KubeObject } from "./kube-object.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

/** An autoscaler would set the number back, or take the undone one for its own. Who may not list them is not told. */
export async function autoscalerProblems(
  live: KubeObject,
  context: DriverContext,
): Promise<readonly string[]> {
  const namespace = textAt(live, "metadata", "namespace");
  const where = namespace === null ? [] : [`--namespace=${namespace}`];
  const args = [...where, "get", "horizontalpodautoscalers.autoscaling", "--output=json"];
  const printed = await runKubectl(args, context);
  const list = printed.kind === "ok" ? parseObject(printed.value) : printed;
  if (list.kind !== "ok") return [];
  return listAt(list.value, "items")
    .filter(
      (each) =>
        textAt(each, "spec", "scaleTargetRef", "kind") === textAt(live, "kind") &&
        textAt(each, "spec", "scaleTargetRef", "name") === textAt(live, "metadata", "name"),
    )
    .map(
      (each) =>
        `${nameOf(live)} is scaled by the HorizontalPodAutoscaler ${textAt(each, "metadata", "name") ?? ""}: leave \`scale\` out, or patch its minReplicas`,
    );
}
