import type { CheckStep } from "../../core/plan.ts";
import type { Json, Millis } from "../../core/units.ts";
import { decodeMap, expectMap, reportUnknownKey } from "../decode/decode-map.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { stepShape, waitStepShape } from "../schema/step-shape.ts";
import { checkOutputs } from "./check-outputs.ts";
import { drivenCheck, usualTimeout } from "./driven-check.ts";
import { listItems, type Item } from "./list-items.ts";
import type { Names } from "./names.ts";

const COMMON = ["if", ...Object.keys(stepShape)];
const WAIT = "wait";

interface Steps {
  /** The check that they belong to. */
  readonly name: string;
  readonly list: Json | undefined;
  readonly path: SourcePath;
}

/** The steps of a check, in order. Null, and reported, where there is none. */
export function checkSteps(
  loading: Loading,
  { name, list, path }: Steps,
  names: Pick<Names, "connections">,
): readonly CheckStep[] | null {
  const items = listItems(loading, list, path);
  if (items.length === 0 && !loading.isBroken(path)) {
    const fix = "write a list of steps, like - http: …, or - wait: 10s";
    loading.report(path, { code: "missing-key", message: "this check has no step", fix });
  }
  const steps = items.flatMap((item, index) => {
    loading.sourceOf.set(`step:${name}/${index}`, item.path);
    return step(loading, item, names) ?? [];
  });
  return steps.length < items.length || steps.length === 0 ? null : steps;
}

/** The longest that steps take, when each takes as long as it may. */
export function longestSteps(steps: readonly CheckStep[]): Millis {
  return steps.reduce((sum, each) => sum + (each.kind === "wait" ? each.ms : each.timeout), 0);
}

function step(
  loading: Loading,
  { value, path }: Item,
  names: Pick<Names, "connections">,
): CheckStep | null {
  const map = expectMap(loading, value, path);
  const kind = map === null ? null : kindOf(loading, map, path);
  if (map === null || kind === null) return null;
  if (kind === WAIT) {
    const { wait, name } = decodeMap(loading, waitStepShape, map, path, ["if"]);
    return wait === undefined ? null : { kind: "wait", title: name ?? "", ms: wait };
  }
  if (isNested(loading, kind, map, path)) return null;
  const own = decodeMap(loading, stepShape, map, path, "any");
  const body = drivenCheck(loading, { kind, map, path, common: COMMON }, names);
  if (body === null) return null;
  return {
    kind: "test",
    title: own.name ?? null,
    driver: kind,
    ...body,
    timeout: own.timeout ?? usualTimeout(kind),
    outputs: checkOutputs(loading, kind, own.outputs, path),
  };
}

function kindOf(loading: Loading, map: JsonMap, path: SourcePath): string | null {
  const kinds = [...loading.catalog.checks.keys(), WAIT];
  const [kind, second] = kinds.filter((each) => Object.hasOwn(map, each));
  if (kind !== undefined && second !== undefined) {
    const message = `a step is either ${kind} or ${second}`;
    const fix = "make two steps of it, each with its own `-`";
    loading.report([...path, second], { code: "two-kinds", message, fix, atKey: true });
    return null;
  }
  if (kind !== undefined) return kind;
  if (Object.hasOwn(map, "confirm")) {
    const message = "a step is made by canary, and a person's word is a check of its own";
    const fix = "define it under `checks`, and write `NAME confirmed` into `gates`";
    loading.report([...path, "confirm"], { code: "two-kinds", message, fix, atKey: true });
    return null;
  }
  const strange = Object.keys(map).find((key) => !COMMON.includes(key));
  if (strange !== undefined) reportUnknownKey(loading, [...path, strange], kinds);
  else {
    const fix = `write one of ${kinds.join(", ")}`;
    loading.report(path, { code: "missing-key", message: "this step says nothing to do", fix });
  }
  return null;
}

/** A step is written as a check is, with its keys beside each other; below the kind they stand in actions. */
function isNested(loading: Loading, kind: string, map: JsonMap, path: SourcePath): boolean {
  const inner = map[kind];
  if (kind === "http" || !isMap(inner)) return false;
  const keys = Object.keys(inner).filter((key) => key !== "connection");
  const message = `the keys of a step stand beside \`${kind}\`, not below it`;
  const subject = kind === "log" ? "app-log" : "[ … ]";
  const fix = `write - ${kind}: ${subject} and ${keys.map((key) => `\`${key}\``).join(", ")} as keys of the same item`;
  loading.report([...path, kind], { code: "wrong-type", message, fix, atKey: true });
  return true;
}
