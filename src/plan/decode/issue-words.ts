import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import { isMap } from "./is-map.ts";

/** What a schema's types are called in a plan. */
export const kindWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

interface Place {
  readonly shown: string;
  readonly name: string | number | undefined;
  /** The keys that a map may have here. */
  readonly keys: readonly string[];
}

/** A value of the wrong kind, and how the right one is written. */
export function wrongType(
  expected: string,
  value: Json,
  { shown, name, keys }: Place,
): { message: string; fix: string } {
  const wanted = kindWords[expected] ?? expected;
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
  const example = keys.slice(0, 3).map((key) => `${key}: …`);
  if (expected === "object" && example.length > 0)
    return { message, fix: `write { ${example.join(", ")} }` };
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

/** A number, text or list that is too small or too large. */
export function outOfRange(
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

/** Drivers say problem and remedy in one sentence; a diagnostic has a place for each. */
export function inTwo(
  message: string,
  params: unknown,
  shown: string,
): { message: string; fix: string | null } {
  if (typeof params === "object" && params !== null && "fix" in params)
    return { message, fix: typeof params.fix === "string" ? params.fix : null };
  const [, problem, fix] =
    /^(.{4,}?)[:;,]\s+((?:write|use|name|keep|add|remove|put|quote|say|state)\b.*)$/s.exec(
      message,
    ) ?? [];
  return problem === undefined || fix === undefined
    ? instruction(message, shown)
    : { message: problem, fix };
}

/** Some say only what to write; then the value itself is what is wrong. */
function instruction(message: string, shown: string): { message: string; fix: string | null } {
  return /^(write|use|name) /.test(message)
    ? { message: `${shown} is not valid here`, fix: message }
    : { message, fix: null };
}
