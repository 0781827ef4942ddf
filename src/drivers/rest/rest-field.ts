import { z } from "zod";

import type { Change, Field, FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { restRequest } from "./request-input.ts";

/** What a field behind an HTTP API needs to be read and written from any process. Addresses are full: the target is pinned. */
export const restRef = z.object({
  read: restRequest,
  /** Where the value stands in what `read` answers. */
  path: z.string(),
  write: restRequest,
  /** Where the value goes in the JSON body of `write`; null when it replaces the placeholder `${value}`. */
  at: z.string().nullable(),
  /** The type the value is read and written as, where the API mixes texts and numbers. */
  type: z.enum(["number", "string", "boolean"]).nullable(),
  remove: restRequest.nullable(),
  /** What is written for absent where nothing removes it; null when there is no such value. */
  absentAs: z.number().nullable(),
  kill: restRequest.nullable(),
});
export type RestRef = z.infer<typeof restRef>;

/** The parsed `ref` of a field. A ref that does not parse is a damaged bundle: an exception. */
export function refOf(field: Field): RestRef {
  return restRef.parse(field.ref);
}

export interface RestChange {
  readonly change: Change;
  readonly ref: RestRef;
}

/** The value in the type that the plan states, so that "5" read and 5 written are the same. */
export function asType(value: Json, type: RestRef["type"]): Json {
  if (type === "string" && (typeof value === "number" || typeof value === "boolean"))
    return String(value);
  if (type === "number" && typeof value === "string" && value.trim() !== "") {
    const number = Number(value);
    return Number.isFinite(number) ? number : value;
  }
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}

/** Whether the value switches the thing off: 0, "0", false, absent. */
export function isOff(value: FieldValue): boolean {
  return !value.present || value.value === 0 || value.value === "0" || value.value === false;
}
