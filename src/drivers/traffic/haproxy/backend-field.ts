import type { Field, FieldValue } from "../../../core/field.ts";
import type { HaproxyPlace } from "./connection.ts";

/**
 * What a field of a HAProxy needs to be read and written from any process on its host. A type rather than an interface:
 * only that is known to be plain JSON.
 */
export type HaproxyRef = { readonly socket: string; readonly host: string | null } & (
  | { readonly kind: "backend"; readonly backend: string }
  | { readonly kind: "map"; readonly map: string; readonly key: string }
);

/** What each server of a backend is told: one field, since only together are they a share. */
export type BackendValue = Readonly<
  Record<string, { readonly weight: number; readonly state: "ready" | "drain" | "maint" }>
>;

/**
 * The parsed `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function refOf(field: Field): HaproxyRef {
  const { ref } = field;
  if (!isRef(ref)) throw new Error(`${field.key} is no field of a HAProxy`);
  return ref;
}

function isRef(ref: unknown): ref is HaproxyRef {
  if (typeof ref !== "object" || ref === null || !("kind" in ref) || !("socket" in ref))
    return false;
  return "backend" in ref || ("map" in ref && "key" in ref);
}

export function placeText({ host, socket }: HaproxyPlace): string {
  return host === null ? socket : `${host}${socket}`;
}

/**
 * The value of a backend in a field.
 * @throws when it is none: a damaged bundle.
 */
export function backendValue(value: FieldValue): BackendValue {
  if (!value.present || typeof value.value !== "object" || value.value === null)
    throw new Error("a backend of a HAProxy is always there");
  return value.value as BackendValue;
}
