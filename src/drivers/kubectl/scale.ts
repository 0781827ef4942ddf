import { z } from "zod";

import { ok } from "../answer.ts";
import type { DriverContext } from "../driver.ts";
import { listAt, nameOf, present, textAt, type KubeObject } from "./kube-object.ts";
import { objectDriver } from "./object-driver.ts";
import { namespaceInput, objectName, workloadInput } from "./object-input.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

const scaleInput = z.strictObject({
  workload: workloadInput,
  replicas: z.int().min(0).describe("how many replicas; 0 stops it"),
  namespace: namespaceInput,
});

export type ScaleInput = z.infer<typeof scaleInput>;

/** Sets the number of replicas, and waits until they are there. */
export const scale = objectDriver<ScaleInput>({
  kind: "scale",
  description: "sets the number of replicas of a workload and waits until they are there",
  input: scaleInput,
  settles: true,
  object: ({ workload, namespace }) => objectName(workload, namespace),
  preview: ({ input }) => {
    const command = `kubectl scale ${input.workload} --replicas=`;
    return [{ does: `${command}${input.replicas}`, undo: `${command}<the number before>` }];
  },
  wanted: ({ input }) =>
    ok([{ path: ["spec", "replicas"], value: present(input.replicas), label: "replicas" }]),
  problems: (_, live, context) => autoscalers(live, context),
});

/** An autoscaler would set the number back, or take the undone one for its own. Who may not list them is not told. */
async function autoscalers(live: KubeObject, context: DriverContext): Promise<readonly string[]> {
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
