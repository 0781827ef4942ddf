import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokenize.ts";

const KEYWORDS = new Set(["for", "over", "of", "and", "or", "baseline", "stable"]);

/** A number with its unit as it was written, also when a space or a lone `%` stands between the two. */
export interface NumberText {
  readonly text: string;
  readonly first: Token;
  readonly last: Token;
}

/** Takes a number and what belongs to it; null, without moving, when there is none. */
export function takeNumber(cursor: Cursor): NumberText | null {
  const first = cursor.peek();
  if (first?.kind !== "number") return null;
  cursor.take();
  const unit = cursor.peek();
  const bare = /[\d.,]$/.test(first.text);
  const isUnit =
    unit !== null &&
    ((unit.kind === "word" && !KEYWORDS.has(unit.text)) ||
      unit.text === "%" ||
      unit.text.startsWith("/"));
  if (!bare || !isUnit) return { text: first.text, first, last: first };
  cursor.take();
  return { text: `${first.text} ${unit.text}`, first, last: unit };
}
