import type { Field, FieldValue } from "../../core/field.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext, Reading } from "../driver.ts";
import { fetchObject } from "./fetch-object.ts";
import { objectNameOf, refOf, type KubeRef } from "./kube-field.ts";
import { absent, present, textAt, type KubeObject } from "./kube-object.ts";
import { madeBy, projectOn } from "./made-object.ts";
import { markOf } from "./mark.ts";
import { readPath } from "./object-path.ts";

/** Reads fields, each object once. An object that was deleted, or made again under its old name, has none of them. */
export async function readFields(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const groups = Map.groupBy(fields, ({ target }) => target).values();
  const readings = await Promise.all(Array.from(groups, (group) => readTarget(group, context)));
  const all: Reading[] = [];
  for (const reading of readings) {
    if (reading.kind !== "ok") return reading;
    all.push(...reading.value);
  }
  return ok(all);
}

async function readTarget(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const [first] = fields;
  if (first === undefined) return ok([]);
  const live = await fetchObject(objectNameOf(refOf(first)), context);
  if (live.kind !== "ok") return live;
  return ok(fields.map((field) => readingOf(field, live.value, context)));
}

function readingOf(field: Field, live: KubeObject | null, context: DriverContext): Reading {
  const ref = refOf(field);
  if (live === null || isAnother(live, ref)) return { field, value: absent, mark: null };
  return { field, value: valueOf(ref, live, context), mark: markOf(live) };
}

function valueOf(ref: KubeRef, live: KubeObject, context: DriverContext): FieldValue {
  if (ref.manifest === null) return readPath(live, ref.path);
  // What stands under the name but was made by somebody else is shown as it is, and so as foreign.
  return madeBy(live) === context.rollout ? present(projectOn(live, ref.manifest)) : present(live);
}

/** Whether the object of this name is not the one that was pinned. */
export function isAnother(live: KubeObject, ref: KubeRef): boolean {
  return ref.uid !== null && textAt(live, "metadata", "uid") !== ref.uid;
}
