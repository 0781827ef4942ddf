import type { Condition } from "../../core/condition.ts";
import type { Check, Gate } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { readCondition } from "./condition.ts";
import { listItems } from "./list-items.ts";
import type { Names } from "./names.ts";

interface GateList {
  readonly list: Json | undefined;
  readonly path: SourcePath;
}

interface Owner {
  /** The stage's name, or `verify`. */
  readonly name: string;
  /** The gates of the stages before; null where `previous` has no meaning. */
  readonly previous: readonly Condition[] | null;
  /** The checks of the plan: those without an interval are made once. */
  readonly library: ReadonlyMap<string, Pick<Check, "interval">>;
}

/** The gates of a stage or verification, from several lists; a gate that stands in two of them counts once. */
export function normalizeGates(
  loading: Loading,
  lists: readonly GateList[],
  owner: Owner,
  names: Names,
): readonly Gate[] {
  const gates = new Map<string, Gate>();
  const add = (condition: Condition, path: SourcePath): void => {
    const id = `${owner.name}/${condition.text}`;
    if (gates.has(id)) return;
    gates.set(id, { id, condition });
    loading.sourceOf.set(`gate:${id}`, path);
  };
  for (const { list, path } of lists) {
    for (const item of listItems(loading, list, path)) {
      if (item.value === "previous") {
        for (const condition of previousOf(loading, item.path, owner)) add(condition, item.path);
        continue;
      }
      const condition = readCondition(loading, item.value, item.path, names);
      if (condition !== null) add(condition, item.path);
    }
  }
  return [...gates.values()];
}

function previousOf(loading: Loading, path: SourcePath, owner: Owner): readonly Condition[] {
  const { previous, library } = owner;
  const repeated = (previous ?? []).flatMap((condition) => repeatable(condition, library) ?? []);
  if (repeated.length > 0) return repeated;
  const message =
    previous === null
      ? "`previous` belongs to a stage"
      : previous.length === 0
        ? "`previous` has nothing to repeat: no earlier stage has gates"
        : "`previous` has nothing to repeat: what earlier stages ask, they ask once";
  loading.report(path, { code: "no-previous", message, fix: "write the gates out" });
  return [];
}

/** A person's word, and the answer of a check that is made once, were given for their stage alone: neither is asked for again. */
function repeatable(condition: Condition, library: Owner["library"]): Condition | null {
  if (condition.kind === "confirmed") return null;
  if (condition.kind === "check")
    return library.get(condition.check)?.interval === null ? null : condition;
  if (condition.kind !== "all" && condition.kind !== "any") return condition;
  const of = condition.of.flatMap((each) => repeatable(each, library) ?? []);
  if (of.length === condition.of.length) return condition;
  return condition.kind === "any" || of.length === 0 ? null : { ...condition, of };
}
