import type { Field, FieldValue } from "../../../core/field.ts";
import type { Reload } from "../../env/reload-input.ts";
import type { ConfPlace, ConfValues } from "./conf-places.ts";

/** What a field of an nginx needs to be read and written from any process on its host. */
export type NginxRef = {
  readonly host: string;
  /** The real path. */
  readonly file: string;
  readonly places: readonly ConfPlace[];
  readonly test: readonly string[];
  readonly reload: Reload;
  readonly pid: string;
};

/**
 * The parsed `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function refOf(field: Field): NginxRef {
  const { ref } = field;
  if (!isRef(ref)) throw new Error(`${field.key} is no field of an nginx`);
  return ref;
}

function isRef(ref: unknown): ref is NginxRef {
  return (
    typeof ref === "object" &&
    ref !== null &&
    "file" in ref &&
    "places" in ref &&
    Array.isArray(ref.places) &&
    "test" in ref &&
    "reload" in ref
  );
}

/**
 * The texts of a field's places.
 * @throws when the value is none: a damaged bundle.
 */
export function valuesOf(value: FieldValue): ConfValues {
  if (!value.present || typeof value.value !== "object" || value.value === null)
    throw new Error("a block of an nginx is always there");
  return value.value as ConfValues;
}
