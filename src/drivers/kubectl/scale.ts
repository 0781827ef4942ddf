import { z } from "zod";

import { ok } from "../answer.ts";
import { autoscalerProblems } from "./autoscaler-problems.ts";
import { present } from "./kube-object.ts";
import { objectDriver } from "./object-driver.ts";
import { namespaceInput, objectName, workloadInput } from "./object-input.ts";

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
  problems: (_, live, context) => autoscalerProblems(live, context),
});
