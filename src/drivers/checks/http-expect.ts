import { z } from "zod";

import { sameValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { parseJsonPath, readJsonPath } from "../json-path.ts";
import type { HttpAnswer } from "../rest/send-request.ts";
import { textPatternInput } from "../text-pattern-input.ts";
import { matcherOf } from "../text-pattern.ts";

/** What an HTTP check wants of the answer. Texts may be `/regular expressions/`. */
export const httpExpect = z.strictObject({
  status: z
    .union([z.int(), z.array(z.int()).min(1)])
    .optional()
    .describe("without it 200 to 299"),
  header: z
    .record(z.string(), textPatternInput)
    .optional()
    .describe("by name: the value, /a pattern/, present or absent"),
  json: z
    .record(
      z.string().refine((text) => parseJsonPath(text) !== null, "not a path like data.items[0].id"),
      z.json(),
    )
    .optional()
    .describe("by path: the value, or /a pattern/"),
  body: textPatternInput.optional().describe("the whole body, or /a pattern/ in it"),
});

export type HttpExpect = z.infer<typeof httpExpect>;

/** What in the answer is not as expected, in words; empty when all is. */
export function httpDifferences(expect: HttpExpect, answer: HttpAnswer): readonly string[] {
  const found: string[] = [];
  const wanted = expect.status === undefined ? null : [expect.status].flat();
  const good = wanted?.includes(answer.status) ?? (answer.status >= 200 && answer.status <= 299);
  if (!good)
    found.push(`status ${answer.status}, expected ${wanted?.join(" or ") ?? "200 to 299"}`);
  for (const [name, value] of Object.entries(expect.header ?? {}))
    found.push(...headerDifference(name, value, answer));
  if (expect.body !== undefined && matcherOf(expect.body)?.(answer.body.trim()) !== true)
    found.push(`body ${quoted(answer.body)}, expected ${expect.body}`);
  if (expect.json !== undefined) found.push(...jsonDifferences(expect.json, answer.body));
  return found;
}

function headerDifference(name: string, expected: string, answer: HttpAnswer): readonly string[] {
  const actual = answer.headers[name.toLowerCase()];
  if (expected === "present") return actual === undefined ? [`header ${name} is absent`] : [];
  if (expected === "absent")
    return actual === undefined ? [] : [`header ${name} is ${quoted(actual)}, expected absent`];
  if (actual === undefined) return [`header ${name} is absent, expected ${expected}`];
  return matcherOf(expected)?.(actual) === true
    ? []
    : [`header ${name} is ${quoted(actual)}, expected ${expected}`];
}

function jsonDifferences(
  expected: Readonly<Record<string, Json>>,
  body: string,
): readonly string[] {
  let json: Json;
  try {
    json = JSON.parse(body) as Json;
  } catch {
    return [`the body is not JSON: ${quoted(body)}`];
  }
  return Object.entries(expected).flatMap(([path, want]) => {
    const read = readJsonPath(json, path);
    if (!read.found) return [`json ${path}: ${read.why}`];
    return matches(want, read.value)
      ? []
      : [`json ${path} is ${quoted(JSON.stringify(read.value))}, expected ${JSON.stringify(want)}`];
  });
}

function matches(want: Json, actual: Json): boolean {
  if (sameValue({ present: true, value: want }, { present: true, value: actual })) return true;
  if (typeof want !== "string" || typeof actual === "object") return false;
  return want.startsWith("/") && matcherOf(want)?.(String(actual)) === true;
}

function quoted(text: string): string {
  const flat = text.trim().replaceAll(/\s+/g, " ");
  return flat.length > 120 ? `${flat.slice(0, 120)}…` : flat === "" ? '""' : flat;
}
