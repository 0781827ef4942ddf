import type { Json } from "../../core/units.ts";

const LONGEST = 60;

/** A value as a message shows it: text in quotes, long ones cut. */
export function show(value: Json | undefined, written: string | null = null): string {
  if (value === undefined) return "nothing";
  if (written !== null && typeof value !== "string") return cut(written);
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
