import { createHash } from "node:crypto";

import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { absent, canonicalText, isList, isObject, present, sameJson } from "./kube-object.ts";

/** An element of a list by what it is: positions move, names and matches do not. */
export type Element =
  | { readonly name: string }
  /** The one element whose keys have these values; null: that does not have the key. */
  | { readonly where: { readonly [key: string]: Json } };

/** A key of an object, or an element of a list. */
export type Segment = string | Element;
export type ObjectPath = readonly Segment[];

/** `spec.template.spec.containers[api].image`, for keys and for people. */
export function pathText(path: ObjectPath): string {
  const text = path.map((segment) => {
    if (typeof segment !== "string") return `[${elementText(segment)}]`;
    return /^[\w-]+$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  });
  return text.join("").replace(/^\./, "");
}

/** What an element is told by: `api`, `name=api,kind=Service`, and of what is no text a hash: `matches~1f2e3d4c`. */
function elementText(element: Element): string {
  if ("name" in element) return element.name;
  return Object.entries(element.where)
    .map(([key, value]) =>
      typeof value === "string" ? `${key}=${value}` : `${key}~${hash(value)}`,
    )
    .join(",");
}

function hash(value: Json): string {
  return createHash("sha256").update(canonicalText(value)).digest("hex").slice(0, 8);
}

/** The keys by which an element is told from the others. */
export function keysOf(element: Element): { readonly [key: string]: Json } {
  return "name" in element ? { name: element.name } : element.where;
}

function isElement(json: Json, element: Element): boolean {
  return Object.entries(keysOf(element)).every(([key, value]) => {
    const has = isObject(json) && Object.hasOwn(json, key);
    return value === null ? !has : has && sameJson(json[key] ?? null, value);
  });
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
  const index = json.findIndex((each) => isElement(each, segment));
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
