import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";

/** An object as the API server gives it. */
export type KubeObject = { readonly [key: string]: Json };

/** The value at `path`, or undefined where the path ends before. */
export function at(object: Json, ...path: readonly string[]): Json | undefined {
  let here: Json | undefined = object;
  for (const key of path) here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

export function textAt(object: Json, ...path: readonly string[]): string | null {
  const value = at(object, ...path);
  return typeof value === "string" ? value : null;
}

/** A number; 0 where there is none, as the API leaves zeros out. */
export function numberAt(object: Json, ...path: readonly string[]): number {
  const value = at(object, ...path);
  return typeof value === "number" ? value : 0;
}

/** A list; empty where there is none. */
export function listAt(object: Json, ...path: readonly string[]): readonly Json[] {
  const value = at(object, ...path);
  return isList(value) ? value : [];
}

export function isObject(json: Json | undefined): json is KubeObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function sameJson(a: Json, b: Json): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** The same text for the same value, in whatever order its keys stand. */
export function canonicalText(json: Json): string {
  return JSON.stringify(sorted(json));
}

/**
 * `Deployment.v1.apps`: a name of the type for kubectl. With the version, because kubectl would take the first part of
 * a dotted group for one, find nothing, and ask the server for all its types again.
 */
export function resourceOf(object: KubeObject): string {
  const kind = textAt(object, "kind") ?? "";
  const [group, version] = (textAt(object, "apiVersion") ?? "").split("/");
  return version === undefined ? kind : `${kind}.${version}.${group}`;
}

/** `Deployment.apps`: the type without its version. */
export function typeOf(object: KubeObject): string {
  const kind = textAt(object, "kind") ?? "";
  const [group, version] = (textAt(object, "apiVersion") ?? "").split("/");
  return version === undefined ? kind : `${kind}.${group}`;
}

/** `deployment/api`, for people. */
export function nameOf(object: KubeObject): string {
  return `${(textAt(object, "kind") ?? "").toLowerCase()}/${textAt(object, "metadata", "name") ?? ""}`;
}

export function present(value: Json): FieldValue {
  return { present: true, value };
}

export const absent: FieldValue = { present: false };

function sorted(json: Json): Json {
  if (isList(json)) return json.map(sorted);
  if (!isObject(json)) return json;
  const entries = Object.entries(json).map(([key, value]): [string, Json] => [key, sorted(value)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
