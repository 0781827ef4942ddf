import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { LoadCode } from "../load-codes.ts";
import { nearest } from "../nearest.ts";
import { isMap } from "./is-map.ts";
import { schemaKeys } from "./schema-keys.ts";
import { show } from "./show.ts";
import { unknownName } from "./unknown-name.ts";

/** Stands for "the schema has no words of its own for this", so that ours are used. */
export const NO_WORDS = "\u0000";

export interface Explained {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
  /** Below the validated value. */
  readonly path: SourcePath;
  readonly atKey: boolean;
}

interface Validated {
  readonly schema: z.core.$ZodType;
  readonly value: Json;
  /** How a scalar below the validated value was written: `1.10`. */
  readonly written: (path: SourcePath) => string | null;
}

/** Says in plain words what a schema has against a value, and what to write instead. */
export function explainIssue(issue: z.core.$ZodIssue, validated: Validated): readonly Explained[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const here = { path, atKey: false };
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey(key, path, validated));
  if (issue.message !== NO_WORDS) {
    const params: unknown = issue.code === "custom" ? issue.params : undefined;
    return [{ code: "wrong-value", ...inTwo(issue.message, params), ...here }];
  }
  if (issue.code === "invalid_union") return explainUnion(issue, path, validated);
  const value = at(validated.value, path);
  const shown = show(value, validated.written(path));
  const name = path.at(-1);
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined) return [missing(String(name), path)];
      return [{ code: "wrong-type", ...wrongType(issue.expected, value, shown, name), ...here }];
    case "invalid_value": {
      if (value === undefined) return [missing(String(name), path)];
      const allowed = issue.values.map(String);
      const close = typeof value === "string" ? nearest(value, allowed) : null;
      const fix = close === null ? `write ${allowed.join(" or ")}` : `did you mean ${close}?`;
      return [{ code: "wrong-value", message: `${shown} is not a value for this`, fix, ...here }];
    }
    case "too_small":
    case "too_big":
      return [{ code: "wrong-value", ...outOfRange(issue, shown), ...here }];
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) =>
        explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, validated),
      );
    default:
      return [{ code: "wrong-value", message: `${shown} is not valid here`, fix: null, ...here }];
  }
}

function unknownKey(key: string, path: SourcePath, { schema }: Validated): Explained {
  return {
    code: "unknown-key",
    message: `the key \`${key}\` is unknown here`,
    fix: unknownName(key, schemaKeys(schema, path)),
    path: [...path, key],
    atKey: true,
  };
}

function missing(name: string, path: SourcePath): Explained {
  return {
    code: "missing-key",
    message: `\`${name}\` is missing`,
    fix: `add \`${name}: …\``,
    path: path.slice(0, -1),
    atKey: true,
  };
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function wrongType(
  expected: string,
  value: Json,
  shown: string,
  name: string | number | undefined,
): { message: string; fix: string } {
  const wanted = KINDS[expected] ?? expected;
  if (value === null)
    return {
      message: `${typeof name === "string" ? `\`${name}\`` : "this"} is empty`,
      fix: `write ${wanted}, or remove it`,
    };
  const message = `${shown} is ${kindOf(value)}, and ${wanted} is wanted here`;
  if (expected === "string" && typeof value !== "object")
    return { message, fix: `write "${shown}"` };
  if (expected === "array" && typeof value !== "object")
    return { message, fix: `write a list: [ ${String(value)} ]` };
  if (expected === "array" && isMap(value)) return { message, fix: "put a `-` before each item" };
  if (typeof value === "string" && isWritten(expected, value))
    return { message, fix: `write ${value.trim()} without quotes` };
  return { message, fix: `write ${wanted}` };
}

function isWritten(expected: string, value: string): boolean {
  if (expected === "boolean") return /^(true|false)$/.test(value.trim());
  return /^(number|int)$/.test(expected) && /^-?\d+(\.\d+)?$/.test(value.trim());
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? "true or false" : "text";
}

function outOfRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  shown: string,
): { message: string; fix: string } {
  const small = issue.code === "too_small";
  const bound = Number(small ? issue.minimum : issue.maximum);
  const limit = `${small ? "at least" : "at most"} ${bound}`;
  if (issue.origin === "string" && small && bound === 1)
    return { message: "the text is empty", fix: "write a value, or remove the key" };
  if (issue.origin === "array" && small && bound === 1)
    return { message: "the list is empty", fix: "write an item, or remove the key" };
  if (issue.origin === "string")
    return {
      message: `${shown} is too ${small ? "short" : "long"}`,
      fix: `write ${limit} characters`,
    };
  if (issue.origin === "array" || issue.origin === "set")
    return { message: `${shown} has too ${small ? "few" : "many"} items`, fix: `write ${limit}` };
  return { message: `${shown} is too ${small ? "small" : "large"}`, fix: `write ${limit}` };
}

/** Of the alternatives the one that the author most likely meant: the one whose outermost kind fits, with the fewest problems. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: SourcePath,
  validated: Validated,
): readonly Explained[] {
  const value = at(validated.value, path);
  const fitting = issue.errors
    .filter((issues) => !issues.some((each) => each.path.length === 0 && isKind(each)))
    .toSorted((a, b) => a.length - b.length);
  const [best] = fitting;
  if (best !== undefined)
    return best.flatMap((each) =>
      explainIssue({ ...each, path: [...path, ...each.path] }, validated),
    );
  if (value === undefined) return [missing(String(path.at(-1)), path)];
  const worded = issue.errors.flat().find(({ message }) => message !== NO_WORDS);
  if (worded !== undefined)
    return explainIssue({ ...worded, path: [...path, ...worded.path] }, validated);
  const shown = show(value, validated.written(path));
  const kinds = issue.errors.flat().flatMap((each) => {
    if (each.code === "invalid_type") return [KINDS[each.expected] ?? each.expected];
    return each.code === "invalid_value" ? each.values.map(String) : [];
  });
  return [
    {
      code: "wrong-type",
      message: value === null ? "this is empty" : `${shown} is not what is wanted here`,
      fix: `write ${[...new Set(kinds)].join(" or ")}`,
      path,
      atKey: false,
    },
  ];
}

function isKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** Drivers say problem and remedy in one sentence; a diagnostic has a place for each. */
function inTwo(message: string, params: unknown): { message: string; fix: string | null } {
  if (typeof params === "object" && params !== null && "fix" in params)
    return { message, fix: typeof params.fix === "string" ? params.fix : null };
  const [, problem, fix] =
    /^(.{4,}?)[:;,]\s+((?:write|use|name|keep|add|remove|put|quote|say|state)\b.*)$/s.exec(
      message,
    ) ?? [];
  return problem === undefined || fix === undefined
    ? { message, fix: /^(write|use|name) /.test(message) ? message : null }
    : { message: problem, fix };
}

function at(value: Json, path: SourcePath): Json | undefined {
  let here: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(here)) here = typeof step === "number" ? (here[step] as Json) : undefined;
    else here = isMap(here) && Object.hasOwn(here, step) ? here[step] : undefined;
    if (here === undefined) return undefined;
  }
  return here;
}
