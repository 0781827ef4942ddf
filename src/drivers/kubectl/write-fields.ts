import type { Change } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { judgeFence, versionTest, type Claim } from "./fence-rule.ts";
import { fetchObject, objectText } from "./fetch-object.ts";
import { patchFor, type Edit, type PatchOp } from "./json-patch.ts";
import { objectNameOf, refOf, type ForwardChange, type KubeRef } from "./kube-field.ts";
import { nameOf, present, textAt, type KubeObject } from "./kube-object.ts";
import { markPath, markToWrite } from "./mark.ts";
import { isNotFound, isPatchMismatch } from "./read-failure.ts";
import { isAnother } from "./read-fields.ts";
import { sendPatch } from "./send-patch.ts";

/** A patch that the server refused did not happen: read, judged and built anew this often, then given up. */
const TRIES = 6;

/**
 * Writes changes of one object in one JSON patch, guarded by its UID and the fence. An object that is gone has nothing
 * to take away, and nothing can be put on it.
 */
export async function writeObject(
  changes: readonly ForwardChange[],
  context: DriverContext,
): Promise<Answer<null>> {
  const edits = changes
    .map(({ field, value }) => {
      const { path, had, index } = refOf(field);
      return { path, had, index, value };
    })
    // Elements that come back into a list stand right when those before them are back already, and ours are gone.
    .toSorted((a, b) => orderOf(a) - orderOf(b));
  const first = changes[0];
  if (first === undefined) return ok(null);
  const ref = refOf(first.field);
  const claim = claimOf(first, ref, context);
  // On the way back each value counts by itself: what was taken away meanwhile must not hold up the rest of the object.
  const partly = changes.every((change) => !("seen" in change));
  return await patchObject(ref, claim, context, {
    build: (live) => {
      const patch = patchFor(live, edits, { partly });
      if (patch.kind !== "ok") return patch;
      const mark = { path: markPath, had: 1, value: present(markToWrite(live, context)) };
      return patchFor(live, [mark, ...edits], { partly });
    },
    gone: (why) => (changes.some(({ value }) => value.present) ? failed(why) : ok(null)),
  });
}

export interface Patching {
  /** The patch for the object as it is now; no operations: there is nothing to do. */
  readonly build: (live: KubeObject) => ReturnType<typeof patchFor>;
  /** What it means that the object is no more. */
  readonly gone: (why: string) => Answer<null>;
}

/** Reads the object, judges the fence, and patches, until the patch went through or something else decided. */
export async function patchObject(
  ref: KubeRef,
  claim: Claim,
  context: DriverContext,
  { build, gone }: Patching,
): Promise<Answer<null>> {
  let before: readonly PatchOp[] = [];
  let why = "";
  for (let turn = 0; turn < TRIES; turn += 1) {
    const live = await fetchObject(objectNameOf(ref), context);
    if (live.kind !== "ok") return live;
    if (live.value === null) return gone(`${objectText(ref)} does not exist any more`);
    if (isAnother(live.value, ref)) {
      const uid = textAt(live.value, "metadata", "uid") ?? "";
      const words = `${nameOf(live.value)} was deleted and made again: it is another object now (UID ${uid})`;
      const answer = gone(words);
      return answer.kind === "ok" ? answer : { kind: "refused", why: words };
    }
    const ops = guarded(live.value, claim, build);
    if (ops.kind !== "ok" || ops.value.length === 0) return ops.kind === "ok" ? ok(null) : ops;
    // The same patch refused twice, with nothing that moved in between: it is the patch that is wrong.
    if (JSON.stringify(before) === JSON.stringify(ops.value)) return failed(why);
    const sent = await sendPatch(objectNameOf(ref), ops.value, ["--output=name"], context);
    if (sent.kind === "ok") return ok(null);
    if (!isPatchMismatch(sent.why) && !isNotFound(sent.why)) return sent;
    before = ops.value;
    why = sent.why;
  }
  return { kind: "refused", why: `${objectText(ref)} kept changing while it was written` };
}

function guarded(
  live: KubeObject,
  claim: Claim,
  build: Patching["build"],
): Answer<readonly PatchOp[]> {
  const fence = judgeFence(live, claim);
  if (fence.kind !== "ok") return fence;
  const patch = build(live);
  if (patch.kind !== "ok") return patch;
  if (patch.value.ops.length === 0) return ok([]);
  const uid: PatchOp = {
    op: "test",
    path: "/metadata/uid",
    value: textAt(live, "metadata", "uid") ?? "",
  };
  const version = textAt(live, "metadata", "resourceVersion") ?? "";
  const parent = patch.value.makesParent ? [versionTest({ resourceVersion: version })] : [];
  return ok([uid, ...fence.value, ...parent, ...patch.value.ops]);
}

function orderOf({ value, index }: Edit): number {
  return value.present ? (index ?? 0) : -1;
}

export function claimOf(change: Change, ref: KubeRef, context: DriverContext): Claim {
  const seen = "seen" in change ? (change as ForwardChange).seen : null;
  const { rollout, epoch } = context;
  return { rollout, epoch, seen: seen ?? null, before: ref.before };
}
