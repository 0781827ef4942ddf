import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap, type Decoded } from "../decode/decode-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import { validate } from "../decode/validate.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { paramShape } from "../schema/param-shape.ts";
import { nameText } from "../schema/scalars.ts";
import type { ParamValue } from "./param-value.ts";
import { readValue, type ParamBounds, type ParamType } from "./read-value.ts";

export interface ParamInput {
  /** What `--set name=value` gave. */
  readonly set: Readonly<Record<string, string>>;
  /** Whether a required parameter without a value takes its `example`. */
  readonly useExamples: boolean;
  /** Whether one without an example is no problem: nothing is run with it. */
  readonly lenient?: boolean;
}

type Param = Decoded<typeof paramShape>;

const STAND_IN: Readonly<Record<ParamType, ParamValue>> = {
  string: "x",
  number: 1,
  boolean: true,
  share: "1%",
  duration: "1m",
};

/**
 * Resolves every parameter. One without a usable value is reported and gets a stand-in, so that the places where it is used
 * are not reported once more.
 */
export function readParams(
  loading: Loading,
  section: Json | undefined,
  input: ParamInput,
  at: SourcePath = ["params"],
): ReadonlyMap<string, ParamValue> {
  const params = new Map<string, ParamValue>();
  const map = expectMap(loading, section, at) ?? {};
  for (const [name, given] of Object.entries(map)) {
    const path = [...at, name];
    loading.sourceOf.set(`param:${name}`, path);
    validate(loading, nameText, name, path);
    if (given !== null && typeof given !== "object") {
      const written = loading.source.written(path) ?? String(given);
      const value =
        typeof given === "number" && written !== String(given) ? `"${written}"` : written;
      const fix = `write ${name}: { default: ${value} }`;
      loading.report(path, { code: "wrong-type", message: "a parameter is a map", fix });
      params.set(name, given);
      continue;
    }
    const param = decodeMap(loading, paramShape, given, path);
    params.set(name, resolve(loading, { name, path, param }, input));
  }
  for (const name of Object.keys(input.set)) {
    if (params.has(name)) continue;
    const fix = unknownName(name, [...params.keys()]) ?? "define it under `params`";
    const message = `--set ${name}: the plan has no parameter ${name}`;
    loading.report(at, { code: "unknown-param", message, fix, atKey: true });
  }
  return params;
}

interface Named {
  readonly name: string;
  readonly path: SourcePath;
  readonly param: Param;
}

function resolve(
  loading: Loading,
  named: Named,
  { set, useExamples, lenient = false }: ParamInput,
): ParamValue {
  const { name, path, param } = named;
  const bounds = boundsOf(param);
  const written = readWritten(loading, named, bounds);
  const given = Object.hasOwn(set, name) ? set[name] : undefined;
  if (given !== undefined) {
    const parsed = given.includes("${")
      ? ({
          kind: "bad",
          message: `${given} holds a placeholder`,
          fix: "give a plain value",
        } as const)
      : readValue(given, bounds, true);
    if (parsed.kind === "ok") return parsed.value;
    const message = `--set ${name}: ${parsed.message}`;
    loading.report(path, { code: "param-value", message, fix: parsed.fix, atKey: true });
    return written ?? STAND_IN[bounds.type];
  }
  if (param.default !== undefined && param.required !== true)
    return written ?? STAND_IN[bounds.type];
  if (param.required !== true && !loading.isBroken(path)) {
    const fix = "add `default: …`, or `required: true` and an `example: …`";
    const message = `parameter ${name} can be left out, and has no value then`;
    loading.report(path, { code: "param-value", message, fix, atKey: true });
  } else if (!useExamples) {
    const message = `parameter ${name} is required and has no value`;
    const example = param.example ?? param.choices?.[0] ?? "…";
    const fix = `add --set ${name}=${String(example)}`;
    loading.report(path, { code: "param-required", message, fix, atKey: true });
  } else if (param.example === undefined && param.choices === undefined && !lenient) {
    const message = `parameter ${name} is required and has no example to check the plan with`;
    const fix = `add \`example: …\`, or --set ${name}=…`;
    loading.report(path, { code: "param-required", message, fix, atKey: true });
  }
  return written ?? STAND_IN[bounds.type];
}

function boundsOf(param: Param): ParamBounds {
  const { choices = null, min = null, max = null } = param;
  const model = param.default ?? param.example ?? choices?.[0];
  const kind = typeof model;
  const inferred = kind === "number" || kind === "boolean" ? kind : "string";
  return { type: param.type ?? inferred, choices, min, max };
}

/** Checks default, example, choices and bounds as they stand; returns the value that the plan itself gives. */
function readWritten(
  loading: Loading,
  { path, param }: Named,
  bounds: ParamBounds,
): ParamValue | null {
  const values: ParamValue[] = [];
  const { type } = bounds;
  for (const key of ["min", "max"] as const) {
    const bound = param[key];
    if (bound === undefined) continue;
    const place = [...path, key];
    if (type === "string" || type === "boolean") {
      const fix = "state `type: number`, `share` or `duration`";
      loading.report(place, {
        code: "param-value",
        message: `text has no ${key}`,
        fix,
        atKey: true,
      });
    } else check(loading, place, bound, { ...bounds, choices: null, min: null, max: null });
  }
  for (const [index, choice] of (param.choices ?? []).entries())
    check(loading, [...path, "choices", index], choice, { ...bounds, choices: null });
  for (const key of ["default", "example"] as const) {
    const value = param[key];
    if (value !== undefined && check(loading, [...path, key], value, bounds)) values.push(value);
  }
  if (param.required === true && param.default !== undefined) {
    const problem = {
      code: "param-value",
      message: "a required parameter needs no default",
    } as const;
    loading.report([...path, "default"], { ...problem, fix: "remove one of them", atKey: true });
  }
  return values[0] ?? param.choices?.[0] ?? null;
}

function check(
  loading: Loading,
  path: SourcePath,
  value: ParamValue,
  bounds: ParamBounds,
): boolean {
  const written = loading.source.written(path);
  // `1.10` is the number 1.1 to YAML: as an image tag it would be another version.
  if (typeof value === "number" && written !== null && written !== String(value)) {
    const message = `${written} is read as the number ${value}`;
    loading.report(path, { code: "number-as-text", message, fix: `write "${written}"` });
    return false;
  }
  const parsed = readValue(value, bounds, false);
  if (parsed.kind === "ok") return true;
  loading.report(path, { code: "param-value", message: parsed.message, fix: parsed.fix });
  return false;
}
