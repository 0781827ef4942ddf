import type { Change } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { fetchObject, objectText } from "../kubectl/fetch-object.ts";
import { objectNameOf, refOf } from "../kubectl/kube-field.ts";
import { waitFor } from "../kubectl/settle.ts";
import { writeEach } from "../kubectl/write-each.ts";
import { replicasOf, servingOf, servingText, type ReplicaChange } from "./replica-changes.ts";

/**
 * Writes numbers of replicas. One that shrinks waits until the other workload has all that it was given. On the way back
 * it does not wait where the other has half of what it had before: the version that shrinks may be failing.
 */
export async function writeReplicas(
  changes: readonly ReplicaChange[],
  context: DriverContext,
): Promise<Answer<null>> {
  for (const change of changes) {
    const may = await mayShrink(change, context);
    if (may.kind !== "ok") return may;
    const wrote = await writeEach([change], context);
    if (wrote.kind !== "ok") return wrote;
  }
  return ok(null);
}

async function mayShrink(change: ReplicaChange, context: DriverContext): Promise<Answer<null>> {
  const ref = refOf(change.field);
  const live = await fetchObject(objectNameOf(ref), context);
  if (live.kind !== "ok") return live;
  const { partner } = ref;
  if (live.value === null || partner === undefined || wantedOf(change) >= replicasOf(live.value))
    return ok(null);
  const needed = "seen" in change ? (change.needs ?? 0) : partner.replicas;
  if (needed === 0) return ok(null);
  if (!("seen" in change)) {
    const other = await fetchObject(partner, context);
    if (other.kind !== "ok") return other;
    if (other.value !== null && servingOf(other.value) * 2 >= needed) return ok(null);
  }
  const waited = await waitFor(partner, context, (other) => {
    if (other === null) return { kind: "failed", why: `there is no ${objectText(partner)}` };
    return servingOf(other) >= needed
      ? { kind: "done" }
      : { kind: "waiting", why: servingText(other, needed) };
  });
  // Nothing was written yet, so this is certain.
  return waited.kind === "ok" ? waited : failed(waited.why);
}

function wantedOf({ value }: Change): number {
  return value.present && typeof value.value === "number" ? value.value : 0;
}
