import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { LoadCode } from "../load-codes.ts";
import { nearest } from "../nearest.ts";
import { isMap } from "./is-map.ts";
import { inTwo, kindWords, outOfRange, wrongType } from "./issue-words.ts";
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
  if (issue.code === "invalid_union") return explainUnion(issue, path, validated);
  if (issue.message !== NO_WORDS) {
    const params: unknown = issue.code === "custom" ? issue.params : undefined;
    return [
      { code: "wrong-value", ...inTwo(issue.message, params, shownAt(validated, path)), ...here },
    ];
  }
  const value = at(validated.value, path);
  const shown = shownAt(validated, path);
  const name = path.at(-1);
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined) return [missing(String(name), path)];
      return [
        {
          code: "wrong-type",
          ...wrongType(issue.expected, value, {
            shown,
            name,
            keys: schemaKeys(validated.schema, path),
          }),
          ...here,
        },
      ];
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
  if (issue.message !== NO_WORDS) {
    const words = inTwo(issue.message, undefined, shownAt(validated, path));
    return [{ code: "wrong-value", ...words, path, atKey: false }];
  }
  const worded = issue.errors.flat().find(({ message }) => message !== NO_WORDS);
  if (worded !== undefined)
    return explainIssue({ ...worded, path: [...path, ...worded.path] }, validated);
  const shown = shownAt(validated, path);
  const kinds = issue.errors.flat().flatMap((each) => {
    if (each.code === "invalid_type") return [kindWords[each.expected] ?? each.expected];
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

function shownAt({ value, written }: Validated, path: SourcePath): string {
  return show(at(value, path), written(path));
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
