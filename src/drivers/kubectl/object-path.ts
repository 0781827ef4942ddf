import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { absent, isList, isObject, present, textAt } from "./kube-object.ts";

/** A key of an object, or the element of a list that has this name: positions move, names do not. */
export type Segment = string | { readonly name: string };
export type ObjectPath = readonly Segment[];

/** `spec.template.spec.containers[api].image`, for keys and for people. */
export function pathText(path: ObjectPath): string {
  const text = path.map((segment) => {
    if (typeof segment !== "string") return `[${segment.name}]`;
    return /^[\w-]+$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  });
  return text.join("").replace(/^\./, "");
}

/** One step into `json`: the child and its place in a JSON pointer; null where there is none. */
export function stepInto(
  json: Json,
  segment: Segment,
): { readonly token: string; readonly child: Json } | null {
  if (typeof segment === "string") {
    if (!isObject(json) || !Object.hasOwn(json, segment)) return null;
    return { token: segment, child: json[segment] ?? null };
  }
  if (!isList(json)) return null;
  const index = json.findIndex((each) => textAt(each, "name") === segment.name);
  return index < 0 ? null : { token: String(index), child: json[index] ?? null };
}

/** The value at a path of an object. */
export function readPath(object: Json, path: ObjectPath): FieldValue {
  let here = object;
  for (const segment of path) {
    const step = stepInto(here, segment);
    if (step === null) return absent;
    here = step.child;
  }
  return present(here);
}

/** The position of the list element that a path ends with; null where it ends with a key, or the element is not there. */
export function indexAt(object: Json, path: ObjectPath): number | null {
  const last = path.at(-1);
  if (last === undefined || typeof last === "string") return null;
  const list = readPath(object, path.slice(0, -1));
  const step = list.present ? stepInto(list.value, last) : null;
  return step === null ? null : Number(step.token);
}

/** How many segments of the path are there already: what lies deeper was made by us and goes again with the value. */
export function depthOf(object: Json, path: ObjectPath): number {
  let here = object;
  for (const [depth, segment] of path.entries()) {
    const step = stepInto(here, segment);
    if (step === null) return depth;
    here = step.child;
  }
  return path.length;
}
