import type { Mark } from "../driver.ts";
import { textAt, type KubeObject } from "./kube-object.ts";
import type { ObjectPath } from "./object-path.ts";

/** The annotation that says which rollout and epoch wrote last. */
export const MARK = "canary-rollout.dev/mark";
/** The annotation on an object that a rollout made, so that its undo deletes nothing else. */
export const MADE_BY = "canary-rollout.dev/made-by";

export const markPath: ObjectPath = ["metadata", "annotations", MARK];

export function markText({ rollout, epoch }: Mark): string {
  return `${rollout}/${epoch}`;
}

/** The mark of an object. An annotation that is no mark reads as one of an unknown rollout: it is not ours to replace. */
export function markOf(object: KubeObject): Mark | null {
  const text = textAt(object, "metadata", "annotations", MARK);
  if (text === null) return null;
  const parts = /^(.+)\/(\d+)$/.exec(text);
  return parts === null
    ? { rollout: text, epoch: 0 }
    : { rollout: parts[1] ?? "", epoch: Number(parts[2]) };
}
