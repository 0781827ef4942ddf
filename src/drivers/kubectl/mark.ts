import type { Mark } from "../driver.ts";
import { textAt, type KubeObject } from "./kube-object.ts";
import type { ObjectPath } from "./object-path.ts";

/** The annotation that says which rollout and epoch wrote last. */
export const MARK = "canary-rollout.dev/mark";
/** The annotation on an object that a rollout made, so that its undo deletes nothing else. */
export const MADE_BY = "canary-rollout.dev/made-by";

export const markPath: ObjectPath = ["metadata", "annotations", MARK];

/** The mark of an object. An annotation that is no mark reads as one of an unknown rollout: it is not ours to replace. */
export function markOf(object: KubeObject): Mark | null {
  const text = markTextOf(object);
  if (text === null) return null;
  const parts = parse(text);
  return parts === null
    ? { rollout: text, epoch: 0 }
    : { rollout: parts.rollout, epoch: parts.epoch };
}

/** The mark as it stands there, which is what a patch tests. */
export function markTextOf(object: KubeObject): string | null {
  return textAt(object, "metadata", "annotations", MARK);
}

/** The mark that a write of this rollout and epoch leaves on the object. */
export function markToWrite(object: KubeObject, { rollout, epoch }: Mark): string {
  const text = markTextOf(object);
  const now = text === null ? null : parse(text);
  return text !== null && now?.rollout === rollout && now.epoch === epoch
    ? text
    : `${rollout}/${epoch}`;
}

/**
 * The mark after a fence. In its own epoch it counts up behind a dot, `r/2.1`: the epoch itself may have sent a write
 * whose outcome it does not know, and that one tests the mark as it was.
 */
export function markToFence(object: KubeObject, mark: Mark): string {
  const text = markToWrite(object, mark);
  return text === markTextOf(object)
    ? `${mark.rollout}/${mark.epoch}.${(parse(text)?.fences ?? 0) + 1}`
    : text;
}

function parse(
  text: string,
): { readonly rollout: string; readonly epoch: number; readonly fences: number } | null {
  const parts = /^(.+)\/(\d+)(?:\.(\d+))?$/.exec(text);
  return parts === null
    ? null
    : { rollout: parts[1] ?? "", epoch: Number(parts[2]), fences: Number(parts[3] ?? 0) };
}
