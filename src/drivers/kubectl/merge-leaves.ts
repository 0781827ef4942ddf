import type { Json } from "../../core/units.ts";
import { absent, isObject, present } from "./kube-object.ts";
import type { Wanted } from "./object-driver.ts";

/**
 * The places that a JSON merge patch (RFC 7386) sets: each scalar and each list is one, `null` takes one off.
 * Lists are replaced as a whole, so that the undo can put back exactly what was there.
 */
export function mergeLeaves(patch: Json, path: readonly string[] = []): readonly Wanted[] {
  if (!isObject(patch) || (Object.keys(patch).length === 0 && path.length > 0))
    return [{ path, value: patch === null ? absent : present(patch) }];
  return Object.entries(patch).flatMap(([key, inner]) => mergeLeaves(inner, [...path, key]));
}
