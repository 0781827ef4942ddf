import { z } from "zod";

import { failed } from "../answer.ts";
import { asServerStores } from "./ask-server.ts";
import { mergeLeaves } from "./merge-leaves.ts";
import { notSecret } from "./not-secret.ts";
import { objectDriver } from "./object-driver.ts";
import { namespaceInput, objectInput, objectName } from "./object-input.ts";
import { pathText } from "./object-path.ts";

const patchInput = z.strictObject({
  resource: objectInput,
  patch: z
    .record(z.string(), z.json())
    .refine((patch) => Object.keys(patch).length > 0, "the patch is empty")
    .refine((patch) => notSecret[0](JSON.stringify(patch)), notSecret[1])
    .describe("a JSON merge patch: null takes a key off, lists are replaced as a whole"),
  namespace: namespaceInput,
});

export type PatchInput = z.infer<typeof patchInput>;

/** What names an object or belongs to its controllers. */
const FIXED =
  /^(?:apiVersion|kind|status|metadata\.(?:name|namespace|uid|resourceVersion|generation|managedFields))\b|canary-rollout\.dev\//;

/** Sets places of an object by a merge patch. Each is a field of its own: captured, read back and undone by itself. */
export const patch = objectDriver<PatchInput>({
  kind: "patch",
  description: "changes an object by a JSON merge patch and waits until it is taken up",
  input: patchInput,
  settles: true,
  object: ({ resource, namespace }) => objectName(resource, namespace),
  preview: ({ input }) => {
    const command = `kubectl patch ${input.resource} --type=merge --patch='`;
    const undo = mergeLeaves(input.patch).map(({ path }) => pathText(path));
    return [
      {
        does: `${command}${JSON.stringify(input.patch)}'`,
        undo: `kubectl patch ${input.resource}, the values before of ${undo.join(", ")}`,
      },
    ];
  },
  wanted: async ({ input }, live, context) => {
    const wanted = mergeLeaves(input.patch);
    const fixed = wanted.find(({ path }) => FIXED.test(pathText(path)));
    return fixed === undefined
      ? await asServerStores(live, wanted, context)
      : failed(`${pathText(fixed.path)} cannot be patched: leave it out`);
  },
});
