import type { FieldValue } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { fetchObject } from "./fetch-object.ts";
import { patchFor, type Edit } from "./json-patch.ts";
import { objectNameOf, refOf, type ForwardChange, type KubeRef } from "./kube-field.ts";
import { isObject, nameOf, present, type KubeObject } from "./kube-object.ts";
import { madeBy, markedManifest } from "./made-object.ts";
import { MADE_BY, markPath, markToWrite } from "./mark.ts";
import { mergeLeaves } from "./merge-leaves.ts";
import { pathText } from "./object-path.ts";
import { runKubectl } from "./run-kubectl.ts";
import { claimOf, patchObject } from "./write-fields.ts";

/** Makes an object as a whole, brings one that this rollout made to its manifest, or deletes it again; no other one. */
export async function writeWhole(
  change: ForwardChange,
  context: DriverContext,
): Promise<Answer<null>> {
  const ref = refOf(change.field);
  const live = await fetchObject(objectNameOf(ref), context);
  if (live.kind !== "ok") return live;
  if (live.value === null) return change.value.present ? await make(ref, context) : ok(null);
  if (madeBy(live.value) !== context.rollout)
    return {
      kind: "refused",
      why: `${nameOf(live.value)} exists, and was not made by this rollout: it is left alone`,
    };
  const marked = await bring(change, ref, change.value, context);
  if (marked.kind !== "ok" || change.value.present) return marked;
  const where = ref.namespace === null ? [] : [`--namespace=${ref.namespace}`];
  const args = [...where, "delete", ref.type, ref.name, "--wait=false", "--ignore-not-found"];
  const deleted = await runKubectl(args, context);
  return deleted.kind === "ok" ? ok(null) : deleted;
}

async function make(ref: KubeRef, context: DriverContext): Promise<Answer<null>> {
  if (!isObject(ref.manifest)) return failed("the manifest is missing in the reference");
  const marked = markedManifest(ref.manifest, context);
  const where = ref.namespace === null ? [] : [`--namespace=${ref.namespace}`];
  const args = [...where, "create", "--filename=-", "--validate=false", "--output=name"];
  // The dry run that found the changes has validated it; that loads the schemas of all types, which takes its time.
  const made = await runKubectl(args, context, JSON.stringify(marked));
  return made.kind === "ok" ? ok(null) : made;
}

/** Raises the mark, which an epoch that was superseded cannot, and sets what the manifest says. */
async function bring(
  change: ForwardChange,
  ref: KubeRef,
  value: FieldValue,
  context: DriverContext,
): Promise<Answer<null>> {
  const { seen: _, ...undo } = change;
  return await patchObject(ref, claimOf(undo, ref, context), context, {
    build: (live) => {
      const mark = { path: markPath, had: 1, value: present(markToWrite(live, context)) };
      const places = value.present && isObject(value.value) ? placesOf(value.value) : [];
      const made = {
        path: ["metadata", "annotations", MADE_BY],
        had: 1,
        value: present(context.rollout),
      };
      return patchFor(live, [mark, made, ...places]);
    },
    gone: (why) => (value.present ? failed(why) : ok(null)),
  });
}

function placesOf(object: KubeObject): readonly Edit[] {
  const named = /^(?:apiVersion|kind|status|metadata\.(?:name|namespace))$/;
  return mergeLeaves(object)
    .filter(({ path }) => !named.test(pathText(path)))
    .map(({ path, value }) => ({ path, value, had: 0 }));
}
