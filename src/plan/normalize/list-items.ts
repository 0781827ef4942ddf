import type { Json } from "../../core/units.ts";
import { isMap } from "../decode/is-map.ts";
import { show } from "../decode/show.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { isIn } from "../params/is-in.ts";

export interface Item {
  readonly value: Exclude<Json, null>;
  readonly path: SourcePath;
}

/** The items of a list, without those that their `if` leaves out. What is no list is reported. */
export function listItems(
  loading: Loading,
  list: Json | undefined,
  path: SourcePath,
): readonly Item[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    const message =
      list === null
        ? `\`${String(path.at(-1))}\` is empty`
        : `${show(list, loading.source.written(path))} is not a list`;
    const fix =
      list === null
        ? "write a list, or remove it"
        : isMap(list)
          ? "put a `-` before each item"
          : `write [ ${show(list).replaceAll(/^"|"$/g, "")} ]`;
    loading.report(path, { code: "wrong-type", message, fix });
    return [];
  }
  return list.flatMap((value: Json, index) => {
    const place = [...path, index];
    if (value === null) {
      const problem = { code: "wrong-type", message: "this item is empty" } as const;
      loading.report(place, { ...problem, fix: "write it, or remove the line" });
      return [];
    }
    const stays = !isMap(value) || isIn(loading, value, place);
    return stays ? [{ value, path: place }] : [];
  });
}
