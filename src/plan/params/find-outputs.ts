import type { Json } from "../../core/units.ts";
import { isMap } from "../decode/is-map.ts";

/** The names under every `outputs:` of a document. */
export function findOutputs(root: Json): ReadonlySet<string> {
  const found = new Set<string>();
  collect(root, found);
  return found;
}

function collect(value: Json, found: Set<string>): void {
  if (Array.isArray(value)) for (const each of value as readonly Json[]) collect(each, found);
  if (!isMap(value)) return;
  for (const [key, each] of Object.entries(value)) {
    if (key === "outputs" && isMap(each)) for (const name of Object.keys(each)) found.add(name);
    else collect(each, found);
  }
}
