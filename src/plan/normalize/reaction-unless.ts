import type { Condition } from "../../core/condition.ts";
import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { readCondition } from "./condition.ts";
import type { Names } from "./names.ts";

/** The `unless` of a line of `on:`. Only a person's word counts in it: nothing is measured for a message. */
export function reactionUnless(
  loading: Loading,
  given: Json | undefined,
  path: SourcePath,
  names: Names,
): Condition | null {
  if (given === undefined) return null;
  const place = [...path, "unless"];
  const condition = readCondition(loading, given, place, names);
  if (condition === null || isWord(condition)) return condition;
  const message = `\`${condition.text}\` is not a person's word`;
  const fix = "write `NAME confirmed`, with NAME a check of kind `confirm`";
  loading.report(place, { code: "unless-word", message, fix });
  return null;
}

function isWord(condition: Condition): boolean {
  if (condition.kind === "confirmed") return true;
  return "of" in condition && condition.of.every(isWord);
}
