import type { Check } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { isMap } from "../decode/is-map.ts";
import { show } from "../decode/show.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { nameText } from "../schema/scalars.ts";
import { normalizeCheck } from "./check.ts";
import { listItems, type Item } from "./list-items.ts";
import type { Names } from "./names.ts";

interface Place {
  readonly list: Json | undefined;
  readonly path: SourcePath;
  /** What checks that stand inline are called after: `preflight` gives `preflight-1`. */
  readonly prefix: string;
  /** Whether a person's word may stand in it: such a list waits. */
  readonly waits?: boolean;
}

/** A list of checks by name or inline. Inline ones join the library under a name of their own. */
export function checkList(
  loading: Loading,
  place: Place,
  names: Names,
  library: Map<string, Check>,
): readonly string[] {
  const list: string[] = [];
  for (const item of listItems(loading, place.list, place.path)) {
    const name =
      typeof item.value === "string"
        ? named(loading, item.value.trim(), item.path, names)
        : inline(loading, item, { ...place, names, library });
    if (name === null) continue;
    if (place.waits !== true && library.get(name)?.driver === "confirm") {
      reportConfirmation(loading, item.path, name);
      continue;
    }
    if (list.includes(name)) {
      const message = `${name} stands twice in this list`;
      loading.report(item.path, { code: "duplicate", message, fix: "keep one of them" });
    } else list.push(name);
  }
  return list;
}

function named(loading: Loading, name: string, path: SourcePath, names: Names): string | null {
  if (names.offChecks.has(name)) return null;
  if (names.checks.has(name)) return name;
  const verb = /^([\w-]+)\s+(passes|fails|confirmed)$/.exec(name)?.[1];
  const isMetric = names.metrics.has(name);
  const message = isMetric ? `${name} is a metric, not a check` : `there is no check ${name}`;
  const known = unknownName(name, [...names.checks.keys()]) ?? "define it under `checks`";
  const fix =
    verb !== undefined && names.checks.has(verb)
      ? `write ${verb}: this list names checks, conditions stand in \`gates\``
      : isMetric
        ? "put a condition on it into `gates`"
        : known;
  loading.report(path, { code: "unknown-check", message, fix });
  return null;
}

/** Such a check would be run like a test, answer nothing, and roll back a stage that only waits for somebody. */
function reportConfirmation(loading: Loading, path: SourcePath, name: string): void {
  const message = `${name} is a person's word, which nothing can run`;
  const fix = `write ${name} confirmed into \`gates\``;
  loading.report(path, { code: "wrong-value", message, fix });
}

interface Inline extends Place {
  readonly names: Names;
  readonly library: Map<string, Check>;
}

function inline(loading: Loading, { value, path }: Item, place: Inline): string | null {
  if (!isMap(value)) {
    const fix = "write the name of a check, or { http: … }";
    const message = `${show(value, loading.source.written(path))} is no check`;
    loading.report(path, { code: "wrong-type", message, fix });
    return null;
  }
  const name = inlineName(loading, value["name"], path, place);
  const check = normalizeCheck(loading, { name, map: value, path }, place.names);
  if (check === null) return null;
  place.library.set(name, check);
  loading.sourceOf.set(`check:${name}`, path);
  return name;
}

function inlineName(
  loading: Loading,
  given: Json | undefined,
  path: SourcePath,
  { prefix, names, library }: Inline,
): string {
  if (given !== undefined) {
    const valid = nameText.safeParse(given);
    if (valid.success && !names.checks.has(valid.data) && !library.has(valid.data))
      return valid.data;
    const message = `${show(given)} is no free name`;
    const fix = "choose letters, digits, - and _, and a name that no check has";
    loading.report([...path, "name"], { code: "bad-name", message, fix });
  }
  let number = Number(path.at(-1)) + 1;
  while (names.checks.has(`${prefix}-${number}`) || library.has(`${prefix}-${number}`)) number += 1;
  return `${prefix}-${number}`;
}
