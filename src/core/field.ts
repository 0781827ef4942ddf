import type { Json } from "./units.ts";

/** The value of a field in a target. What was absent must become absent again, so absence is a value. */
export type FieldValue =
  | { readonly present: true; readonly value: Json }
  | { readonly present: false };

/**
 * One place that an action writes: undo, read-back and the fence work by field, never by action.
 * `key` is unique over all targets and stable over processes (`kubectl/<cluster uid>/default/Deployment/api#spec.replicas`),
 * and `ref` is what the driver needs to read and write it from any process, with the target pinned (UIDs, not names alone).
 */
export interface Field {
  readonly key: string;
  /** Everything with the same target is locked, fenced and written together. */
  readonly target: string;
  readonly driver: string;
  readonly connection: string | null;
  readonly ref: Json;
  /** For people: `deployment/api replicas`. */
  readonly label: string;
}

/** A field and the value an action wants it to have. */
export interface Change {
  readonly field: Field;
  readonly value: FieldValue;
}

/** Whether two field values are the same, by structure. */
export function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (!a.present || !b.present) return a.present === b.present;
  return sameJson(a.value, b.value);
}

function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const left = Object.entries(a);
  const right = new Map<string, Json>(Object.entries(b));
  if (Array.isArray(a) !== Array.isArray(b) || left.length !== right.size) return false;
  return left.every(([key, value]) => {
    const other = right.get(key);
    return other !== undefined && sameJson(value, other);
  });
}
