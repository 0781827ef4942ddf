import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";

export interface TextAt {
  readonly text: string;
  readonly path: SourcePath;
}

/** Every text value inside a JSON value, with its path from there. */
export function textsIn(json: Json, path: SourcePath = []): readonly TextAt[] {
  if (typeof json === "string") return [{ text: json, path }];
  if (typeof json !== "object" || json === null) return [];
  if (Array.isArray(json))
    return json.flatMap((each: Json, index) => textsIn(each, [...path, index]));
  return Object.entries(json).flatMap(([key, each]) => textsIn(each, [...path, key]));
}
