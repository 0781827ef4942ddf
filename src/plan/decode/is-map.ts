import type { Json } from "../../core/units.ts";

/** A map of the plan. */
export type JsonMap = { readonly [key: string]: Json };

/** Whether a value is a map, and neither a list nor a scalar. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
