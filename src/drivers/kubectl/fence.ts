import type { Field } from "../../core/field.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { patchFor } from "./json-patch.ts";
import { refOf, type KubeRef } from "./kube-field.ts";
import { absent, present, type KubeObject } from "./kube-object.ts";
import { MADE_BY, markOf, markPath, markToFence } from "./mark.ts";
import { patchObject } from "./write-fields.ts";

/** Raises the mark on each object to this epoch. An object that is gone needs none: late writes are pinned to its UID. */
export async function fence(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<null>> {
  return await eachObject(fields, context, (live) => {
    const value = present(markToFence(live, context));
    return patchFor(live, [{ path: markPath, had: 1, value }]);
  });
}

/** Takes this rollout's mark off, so that what did not exist before is gone again. A mark of another one stays. */
export async function release(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<null>> {
  return await eachObject(fields, context, (live) => {
    const made = { path: ["metadata", "annotations", MADE_BY], had: 1, value: absent };
    const mark = { path: markPath, had: 1, value: absent };
    return patchFor(live, markOf(live) === null ? [] : [made, mark]);
  });
}

async function eachObject(
  fields: readonly Field[],
  context: DriverContext,
  build: (live: KubeObject) => ReturnType<typeof patchFor>,
): Promise<Answer<null>> {
  const refs = new Map(fields.map((field): [string, KubeRef] => [field.target, refOf(field)]));
  const { rollout, epoch } = context;
  for (const ref of refs.values()) {
    const claim = { rollout, epoch, seen: null, before: ref.before };
    const answer = await patchObject(ref, claim, context, { build, gone: () => ok(null) });
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}
