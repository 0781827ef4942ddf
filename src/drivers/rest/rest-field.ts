import type { Change, Field, FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { METHODS, type RestRequest } from "./rest-request.ts";

/**
 * What a field behind an HTTP API needs to be read and written from any process. Addresses are full: the target is pinned.
 * A type rather than an interface: only that is known to be plain JSON.
 */
export type RestRef = {
  readonly read: RestRequest;
  /** Where the value stands in what `read` answers. */
  readonly path: string;
  readonly write: RestRequest;
  /** Where the value goes in the JSON body of `write`; null when it replaces the placeholder `${value}`. */
  readonly at: string | null;
  /** The type the value is read and written as, where the API mixes texts and numbers. */
  readonly type: "number" | "string" | "boolean" | null;
  readonly remove: RestRequest | null;
  /** What is written for absent where nothing removes it; null when there is no such value. */
  readonly absentAs: number | null;
  readonly kill: RestRequest | null;
};

/**
 * The `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function refOf(field: Field): RestRef {
  const { ref } = field;
  if (!isRef(ref)) throw new Error(`${field.key} is no field behind an HTTP API`);
  return ref;
}

function isRef(ref: unknown): ref is RestRef {
  if (!isMap(ref) || typeof ref["path"] !== "string") return false;
  return (
    isRequest(ref["read"]) &&
    isRequest(ref["write"]) &&
    [ref["remove"], ref["kill"]].every((each) => each === null || isRequest(each)) &&
    [ref["at"], ref["type"]].every((each) => each === null || typeof each === "string")
  );
}

function isRequest(request: unknown): request is RestRequest {
  return (
    isMap(request) &&
    METHODS.some((method) => method === request["method"]) &&
    typeof request["url"] === "string" &&
    isMap(request["header"]) &&
    (request["bearer"] === null || typeof request["bearer"] === "string")
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
