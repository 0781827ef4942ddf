import { ok } from "../answer.ts";
import type { Answer, Mark } from "../driver.ts";
import type { PatchOp } from "./json-patch.ts";
import { at, nameOf, textAt, typeOf, type KubeObject } from "./kube-object.ts";
import { MARK, markOf, markTextOf } from "./mark.ts";

/** What an object looked like when the changes were found, which is before the epoch was checked. */
export interface Seen {
  readonly resourceVersion: string;
  readonly generation: number;
  readonly mark: Mark | null;
}

export interface Claim {
  readonly rollout: string;
  readonly epoch: number;
  /** Of a change on its way forward; null for undo and fence, which may follow a write that never landed. */
  readonly seen: Seen | null;
  /** The mark of another rollout that was there before this one began, and may be replaced. */
  readonly before: Mark | null;
}

export function seenOf(object: KubeObject): Seen {
  return {
    resourceVersion: textAt(object, "metadata", "resourceVersion") ?? "",
    generation: generationOf(object),
    mark: markOf(object),
  };
}

/**
 * Whether this claim may write to the object, and the tests that make the server decide it again at the write itself:
 * the mark that was read; where there is none, the version. A forward write goes by the version seen before the epoch
 * was checked: a process that slept through a takeover and the end of its rollout finds its mark gone, and is refused.
 */
export function judgeFence(object: KubeObject, claim: Claim): Answer<readonly PatchOp[]> {
  const mark = markOf(object);
  const name = nameOf(object);
  if (mark === null) return judgeUnmarked(object, claim);
  const tests: readonly PatchOp[] = [
    {
      op: "test",
      path: `/metadata/annotations/${MARK.replace("/", "~1")}`,
      value: markTextOf(object) ?? "",
    },
  ];
  if (mark.rollout === claim.rollout) {
    if (mark.epoch <= claim.epoch) return ok(tests);
    return refused(`${name} is owned by epoch ${mark.epoch} of this rollout now`);
  }
  const known = claim.seen === null ? claim.before : claim.seen.mark;
  if (known !== null && sameMark(known, mark)) return ok(tests);
  return refused(
    `${name} carries the mark of rollout ${mark.rollout}, epoch ${mark.epoch}: it is changed by that one now`,
  );
}

function judgeUnmarked(object: KubeObject, { rollout, seen }: Claim): Answer<readonly PatchOp[]> {
  const name = nameOf(object);
  const now = seenOf(object);
  if (seen === null) return ok([versionTest(now)]);
  if (seen.mark?.rollout === rollout)
    return refused(
      `the mark of this rollout is gone from ${name}: the rollout was ended, or somebody removed ${MARK}`,
    );
  // Every change of a Deployment's annotations counts up its generation, and changes of its status do not.
  const counted = typeOf(object) === "Deployment.apps";
  const moved = counted
    ? seen.generation !== now.generation
    : seen.resourceVersion !== now.resourceVersion;
  if (moved)
    return refused(`${name} was changed while it was about to be written: nothing was done`);
  return ok([
    counted
      ? { op: "test", path: "/metadata/generation", value: seen.generation }
      : versionTest(seen),
  ]);
}

export function versionTest({ resourceVersion }: Pick<Seen, "resourceVersion">): PatchOp {
  return { op: "test", path: "/metadata/resourceVersion", value: resourceVersion };
}

function sameMark(a: Mark, b: Mark): boolean {
  return a.rollout === b.rollout && a.epoch === b.epoch;
}

function generationOf(object: KubeObject): number {
  const value = at(object, "metadata", "generation");
  return typeof value === "number" ? value : 0;
}

function refused(why: string): Answer<never> {
  return { kind: "refused", why };
}
