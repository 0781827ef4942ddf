import type { Json } from "../core/units.ts";

/** What a path led to, or where it ended, in words for a person. */
export type PathResult =
  | { readonly found: true; readonly value: Json }
  | { readonly found: false; readonly why: string };

const SEGMENT = /^(?:\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/;

/**
 * Splits a path like `data.items[0].name`, `0.key_id` or `labels["a.b"]` into its segments; a leading `$` is the whole
 * document, as in JSONPath. A number means an index in a list and a key in an object. Null when it is not such a path.
 */
export function parseJsonPath(path: string): readonly string[] | null {
  let rest = path.startsWith("$") ? path.slice(1) : path;
  if (path === "$") return [];
  const segments: string[] = [];
  while (rest !== "") {
    const match = SEGMENT.exec(rest);
    if (match === null || (segments.length === 0 && path.startsWith("."))) return null;
    segments.push(match[1] ?? match[2] ?? (match[3] ?? "").replace(/\\(.)/g, "$1"));
    rest = rest.slice(match[0].length);
  }
  return segments.length === 0 ? null : segments;
}

/** Follows `path` into `json`. */
export function readJsonPath(json: Json, path: string): PathResult {
  const segments = parseJsonPath(path);
  if (segments === null)
    return { found: false, why: `"${path}" is not a path like data.items[0].id` };
  let here: Json = json;
  for (const [depth, segment] of segments.entries()) {
    const next = child(here, segment);
    if (next === undefined)
      return {
        found: false,
        why: `no "${segment}" in ${describe(here, segments.slice(0, depth))}`,
      };
    here = next;
  }
  return { found: true, value: here };
}

/** A copy of `json` with `value` at `path`. Objects on the way are made; null when a list or scalar stands in the way. */
export function writeJsonPath(
  json: Json,
  path: string,
  value: Json,
): { readonly json: Json } | null {
  const segments = parseJsonPath(path);
  return segments === null ? null : place(json, segments, value);
}

function place(
  json: Json,
  segments: readonly string[],
  value: Json,
): { readonly json: Json } | null {
  const [segment, ...rest] = segments;
  if (segment === undefined) return { json: value };
  if (isList(json)) {
    const index = Number(segment);
    const old = json[index];
    const placed = old === undefined ? null : place(old, rest, value);
    return placed === null ? null : { json: json.with(index, placed.json) };
  }
  if (typeof json !== "object" || json === null) return null;
  const placed = place(child(json, segment) ?? {}, rest, value);
  return placed === null
    ? null
    : { json: Object.fromEntries([...Object.entries(json), [segment, placed.json]]) };
}

function child(json: Json, segment: string): Json | undefined {
  if (isList(json)) return /^\d+$/.test(segment) ? json[Number(segment)] : undefined;
  if (typeof json !== "object" || json === null) return undefined;
  return Object.hasOwn(json, segment) ? (json as Record<string, Json>)[segment] : undefined;
}

function describe(json: Json, path: readonly string[]): string {
  const where = path.length === 0 ? "the document" : `"${path.join(".")}"`;
  if (isList(json)) return `${where}, a list of ${json.length}`;
  if (typeof json !== "object" || json === null)
    return `${where}, which is ${JSON.stringify(json)}`;
  const keys = Object.keys(json);
  const shown = keys.slice(0, 8).join(", ") + (keys.length > 8 ? ", …" : "");
  return `${where}, which has ${keys.length === 0 ? "no keys" : shown}`;
}

// Array.isArray does not narrow a readonly array.
function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
