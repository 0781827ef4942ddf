import { z } from "zod";

import { ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { present, type KubeObject } from "./kube-object.ts";
import { notSecret } from "./not-secret.ts";
import { objectDriver, type Wanted } from "./object-driver.ts";
import { namespaceInput, objectName, workloadInput } from "./object-input.ts";
import { findContainer, podSpecPath } from "./pod-spec.ts";

const setImageInput = z.strictObject({
  workload: workloadInput,
  container: z
    .string()
    .min(1)
    .optional()
    .describe("the container; may be left out where there is only one"),
  image: z
    .string()
    .min(1)
    .refine(...notSecret)
    .describe("the image with its tag or digest"),
  namespace: namespaceInput,
});

export type SetImageInput = z.infer<typeof setImageInput>;

/** Sets the image of one container, and waits until the new Pods serve. */
export const setImage = objectDriver<SetImageInput>({
  kind: "set-image",
  description: "sets the image of a container and waits until the workload has rolled out",
  input: setImageInput,
  settles: true,
  object: ({ workload, namespace }) => objectName(workload, namespace),
  preview: ({ input }) => {
    const command = `kubectl set image ${input.workload} ${input.container ?? "<container>"}=`;
    return [{ does: `${command}${input.image}`, undo: `${command}<the image before>` }];
  },
  wanted: ({ input }, live) => wantedImage(input, live),
});

function wantedImage(input: SetImageInput, live: KubeObject): Answer<readonly Wanted[]> {
  const place = findContainer(live, input.container);
  if (place.kind !== "ok") return place;
  const { list, name } = place.value;
  const path = [...podSpecPath(live), list, { name }, "image"];
  return ok([{ path, value: present(input.image), label: `${name} image` }]);
}
