import type { Action } from "../../core/plan.ts";
import type { Json, Percent } from "../../core/units.ts";
import { isMap } from "../decode/is-map.ts";
import { show } from "../decode/show.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { normalizeAction } from "./action.ts";
import { listItems, type Item } from "./list-items.ts";
import type { Names } from "./names.ts";

interface ActionList {
  readonly list: Json | undefined;
  readonly path: SourcePath;
  /** The stage's name, `finish` or `rollback`: ids begin with it. */
  readonly owner: string;
}

/** The actions of a list, in order. `traffic` is the plan's traffic section: `- traffic: release` hands it back. */
export function normalizeActions(
  loading: Loading,
  { list, path, owner }: ActionList,
  names: Names,
  traffic: readonly Item[] | null,
): readonly Action[] {
  const actions: Action[] = [];
  for (const item of listItems(loading, list, path)) {
    const prefix = `${owner}/${actions.length + 1}`;
    if (isMap(item.value) && "traffic" in item.value) {
      actions.push(...release(loading, item, { owner, from: actions.length + 1, traffic }, names));
      continue;
    }
    const place = { ...item, prefix, role: "change", share: null } as const;
    const action = normalizeAction(loading, place, names);
    if (action !== null) actions.push(action);
  }
  return actions;
}

/** What sets the share of a stage: each traffic item of the plan, in order. */
export function trafficActions(
  loading: Loading,
  traffic: readonly Item[],
  stage: { readonly owner: string; readonly from: number; readonly share: Percent },
  names: Names,
): readonly Action[] {
  return traffic.flatMap((item, index) => {
    const prefix = `${stage.owner}/${stage.from + index}`;
    const place = { ...item, prefix, role: "traffic", share: stage.share } as const;
    return normalizeAction(loading, place, names) ?? [];
  });
}

interface Release {
  readonly owner: string;
  readonly from: number;
  readonly traffic: readonly Item[] | null;
}

function release(
  loading: Loading,
  { value, path }: Item,
  { owner, from, traffic }: Release,
  names: Names,
): readonly Action[] {
  const place = [...path, "traffic"];
  const given = isMap(value) ? value["traffic"] : undefined;
  if (traffic === null || given !== "release") {
    const message =
      traffic === null
        ? "traffic is released in `finish` alone"
        : `${show(given, loading.source.written(place))} is not what traffic does here`;
    const fix = traffic === null ? "move it to `finish`" : "write traffic: release";
    loading.report(place, { code: "release", message, fix });
    return [];
  }
  if (traffic.length === 0) {
    const message = "there is no traffic to release";
    loading.report(place, { code: "no-traffic", message, fix: "remove it, or add `traffic`" });
  }
  return traffic.flatMap((item, index) => {
    const prefix = `${owner}/${from + index}-release`;
    const place = { ...item, prefix, role: "release", share: null } as const;
    return normalizeAction(loading, place, names) ?? [];
  });
}
