import type { Json } from "../../core/units.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { evaluateIf } from "./evaluate-if.ts";

/** Whether a map is in the plan, by its `if`. The words of one that is not are remembered: it may be in the next time. */
export function isIn(loading: Loading, map: JsonMap, path: SourcePath): boolean {
  if (evaluateIf(loading, map["if"], [...path, "if"])) return true;
  remember(loading, map);
  return false;
}

function remember(loading: Loading, value: Json): void {
  if (typeof value === "string")
    for (const word of value.match(/[A-Za-z_][\w-]*/g) ?? []) loading.leftOut.add(word);
  if (Array.isArray(value)) for (const each of value as readonly Json[]) remember(loading, each);
  if (isMap(value)) for (const each of Object.values(value)) remember(loading, each);
}
