import type { Trigger } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { expectMap, reportUnknownKey } from "../decode/decode-map.ts";
import { isMap } from "../decode/is-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import { validate } from "../decode/validate.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { triggerGroups, triggerShape, type TriggerGroup } from "../schema/trigger-shape.ts";
import { readCondition } from "./condition.ts";
import { listItems, type Item } from "./list-items.ts";
import type { Names } from "./names.ts";

const GROUPS = Object.keys(triggerGroups) as readonly TriggerGroup[];

/** The triggers of a plan, the strongest first. */
export function normalizeTriggers(
  loading: Loading,
  section: Json | undefined,
  names: Names,
): readonly Trigger[] {
  if (Array.isArray(section)) {
    const fix = "group them: triggers: { rollback: […], hold: […], page: […], warn: […] }";
    loading.report(["triggers"], { code: "wrong-type", message: "triggers are not a list", fix });
    return [];
  }
  const map = expectMap(loading, section, ["triggers"]) ?? {};
  for (const key of Object.keys(map).filter((key) => !Object.hasOwn(triggerGroups, key)))
    reportUnknownKey(loading, ["triggers", key], GROUPS);
  const triggers: Trigger[] = [];
  for (const does of GROUPS) {
    for (const item of listItems(loading, map[does], ["triggers", does])) {
      const trigger = normalize(loading, item, does, names);
      if (trigger === null) continue;
      if (triggers.some(({ id }) => id === trigger.id)) {
        const message = `the trigger ${trigger.name} stands twice under ${does}`;
        const fix = "keep one of them, or give it another `name`";
        loading.report(item.path, { code: "duplicate", message, fix });
        continue;
      }
      triggers.push(trigger);
      loading.sourceOf.set(`trigger:${trigger.id}`, item.path);
      // Rules look a trigger up by its name; where two groups share one the stronger comes first.
      if (!loading.sourceOf.has(`trigger:${trigger.name}`))
        loading.sourceOf.set(`trigger:${trigger.name}`, item.path);
    }
  }
  return triggers;
}

function normalize(
  loading: Loading,
  { value, path }: Item,
  does: TriggerGroup,
  names: Names,
): Trigger | null {
  const others = Object.keys(triggerShape);
  const condition = readCondition(loading, value, path, names, others);
  const given = isMap(value) ? value["name"] : undefined;
  const name =
    given === undefined ? null : validate(loading, triggerShape.name, given, [...path, "name"]);
  const offered = isMap(value) ? playbookOf(loading, value["playbook"], path, names) : null;
  if (condition === null) return null;
  const title = name?.value ?? condition.text;
  const playbook = offered === null ? {} : { playbook: offered };
  return { id: `${does}/${title}`, name: title, does, condition, ...playbook };
}

/** The playbook that a trigger offers. Null where it offers none, or one that is not there, which is reported. */
function playbookOf(
  loading: Loading,
  given: Json | undefined,
  trigger: SourcePath,
  { playbooks }: Names,
): string | null {
  if (given === undefined) return null;
  const path = [...trigger, "playbook"];
  const valid = validate(loading, triggerShape.playbook, given, path);
  const name = valid?.value;
  if (name === undefined || playbooks.has(name)) return name ?? null;
  const message = `there is no playbook ${name}`;
  const fix = unknownName(name, [...playbooks]) ?? "define it under `playbooks`";
  loading.report(path, { code: "unknown-playbook", message, fix });
  return null;
}
