import type { Condition } from "../../core/condition.ts";
import { checksOf, confirmationsOf } from "../../core/measurements.ts";
import type { Json, Millis } from "../../core/units.ts";
import { combineConditions } from "../condition/combine-conditions.ts";
import { parseCondition } from "../condition/parse-condition.ts";
import { reportUnknownKey } from "../decode/decode-map.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import { show } from "../decode/show.ts";
import { validate } from "../decode/validate.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { duration } from "../schema/scalars.ts";
import { listItems } from "./list-items.ts";
import type { Names } from "./names.ts";

const KEYS = ["when", "any", "all"] as const;

/**
 * Reads a condition: text, `{ when, for }`, `{ any: […], for }` or `{ all: […], for }`. `others` are keys of the map that
 * somebody else reads. Null, and reported, where it is wrong.
 */
export function readCondition(
  loading: Loading,
  value: Json,
  path: SourcePath,
  names: Names,
  others: readonly string[] = [],
): Condition | null {
  if (typeof value === "string") return readText(loading, value, path, names);
  if (isMap(value)) return readMap(loading, value, path, { names, others });
  const message = `${show(value, loading.source.written(path))} is no condition`;
  loading.report(path, { code: "wrong-type", message, fix: "write one like p95 < 200ms" });
  return null;
}

function readText(
  loading: Loading,
  text: string,
  path: SourcePath,
  names: Names,
): Condition | null {
  const parsed = parseCondition(text, names);
  if (parsed.kind === "ok") {
    if (parsed.condition.kind === "metric" && isWrong(parsed.condition.metric, names)) return null;
    const used = [...checksOf(parsed.condition), ...confirmationsOf(parsed.condition)];
    const off = used.find((check) => names.offChecks.has(check));
    if (off !== undefined) {
      const message = `the check ${off} is left out by its \`if\``;
      const fix = "put the same `if` on this condition: { when: …, if: … }";
      loading.report(path, { code: "check-off", message, fix });
      return null;
    }
    return scale(parsed.condition, loading.timeScale);
  }
  for (const { offset, length, ...problem } of parsed.problems)
    loading.report(path, { ...problem, part: { offset, length } });
  return null;
}

/** A metric that was reported itself. */
function isWrong(metric: string, names: Names): boolean {
  return names.metrics.get(metric)?.unit === null;
}

/** Durations of a condition, in the rollout's time. */
function scale(condition: Condition, timeScale: number): Condition {
  if (timeScale === 1 || condition.kind === "check" || condition.kind === "confirmed")
    return condition;
  const lasting = condition.for * timeScale;
  if (condition.kind !== "metric") return { ...condition, for: lasting };
  const { over } = condition;
  const scaled = over?.kind === "window" ? { ...over, ms: over.ms * timeScale } : over;
  return { ...condition, over: scaled, for: lasting };
}

interface Rest {
  readonly names: Names;
  readonly others: readonly string[];
}

function readMap(
  loading: Loading,
  map: JsonMap,
  path: SourcePath,
  { names, others }: Rest,
): Condition | null {
  const known: readonly string[] = [...KEYS, "for", "if", ...others];
  for (const key of Object.keys(map).filter((key) => !known.includes(key)))
    reportUnknownKey(loading, [...path, key], known);
  const used = KEYS.filter((key) => Object.hasOwn(map, key));
  const [kind] = used;
  if (kind === undefined || used.length > 1) {
    const message =
      kind === undefined ? "this has no condition" : `${used.join(" and ")} are both here`;
    const fix = kind === undefined ? "add `when: p95 < 200ms`" : "keep one of them";
    loading.report(path, { code: "condition-shape", message, fix });
    return null;
  }
  const place = [...path, "for"];
  const given = map["for"];
  const lasting = given === undefined ? { value: 0 } : validate(loading, duration, given, place);
  const value = map[kind] ?? null;
  if (kind !== "when")
    return readCompound(
      loading,
      { kind, value, path: [...path, kind] },
      names,
      lasting?.value ?? 0,
    );
  const inner = readCondition(loading, value, [...path, "when"], names);
  if (inner === null || lasting === null || given === undefined) return inner;
  if (inner.kind === "check" || inner.kind === "confirmed" || inner.for > 0) {
    const [message, fix] =
      "for" in inner
        ? [`\`${inner.text}\` already says for how long`, "keep one of them"]
        : ["a check has no `for`", "set its failureThreshold and interval instead"];
    loading.report(place, { code: "condition-duration", message, fix, atKey: true });
    return inner;
  }
  return {
    ...inner,
    text: `${inner.text} for ${show(given).replaceAll('"', "")}`,
    for: lasting.value * loading.timeScale,
  };
}

interface Compound {
  readonly kind: "any" | "all";
  readonly value: Json;
  readonly path: SourcePath;
}

function readCompound(
  loading: Loading,
  { kind, value, path }: Compound,
  names: Names,
  lasting: Millis,
): Condition | null {
  const items = listItems(loading, value, path);
  if (Array.isArray(value) && items.length === 0) {
    const message = `\`${kind}\` lists no condition`;
    loading.report(path, { code: "condition-shape", message, fix: "write at least one" });
  }
  const read = items.map((item) => readCondition(loading, item.value, item.path, names));
  const conditions = read.filter((each) => each !== null);
  if (conditions.length === 0 || conditions.length < read.length) return null;
  const text = `${kind} of ${conditions.map((each) => `\`${each.text}\``).join(", ")}`;
  return combineConditions(kind, conditions, lasting * loading.timeScale, text);
}
