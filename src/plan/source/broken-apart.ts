import { isCollection, isPair, isScalar, visit, type Document } from "yaml";

/** A text that a comma took apart: from where to where it goes in the file, and the whole of it. */
export interface BrokenApart {
  readonly range: readonly [number, number];
  readonly text: string;
}

/**
 * Texts without quotes inside { } or [ ] whose parenthesis is closed in a later item: `sum by (le, code) (x)` is two items
 * to YAML, and neither is what was meant.
 */
export function brokenApart(document: Document, text: string): readonly BrokenApart[] {
  const found: BrokenApart[] = [];
  visit(document, {
    Collection(_, node) {
      if (node.flow !== true) return;
      const parts = node.items.map((item: unknown) => lastPlain(item));
      for (let at = 0; at < parts.length; at += 1) {
        const end = closedAt(parts, at);
        const [from, to] = [parts[at], parts[end]];
        if (end === at || from === undefined || to === undefined || from === null || to === null)
          continue;
        const range = [from.start, to.end] as const;
        found.push({ range, text: text.slice(...range).replaceAll(/\s*\n\s*/gu, " ") });
        at = end;
      }
    },
  });
  return found;
}

interface Part {
  readonly start: number;
  readonly end: number;
  /** Parentheses that are opened, less those that are closed. */
  readonly open: number;
}

/** The item that closes what this one leaves open; the item itself where none does. */
function closedAt(parts: readonly (Part | null)[], at: number): number {
  let open = parts[at]?.open ?? 0;
  if (open <= 0) return at;
  for (let next = at + 1; next < parts.length; next += 1) {
    const part = parts[next];
    if (part === null || part === undefined) return at;
    open += part.open;
    if (open <= 0) return next;
  }
  return at;
}

/** The text that an item ends with, where it has no quotes: the item itself, the value of a pair, or its bare key. */
function lastPlain(item: unknown): Part | null {
  if (isPair(item)) {
    const isBare = item.value === null || (isScalar(item.value) && item.value.source === "");
    return lastPlain(isBare ? item.key : item.value);
  }
  if (isCollection(item) || !isScalar(item) || item.type !== "PLAIN" || item.range == null)
    return null;
  const written = item.source ?? "";
  const count = (sign: string): number => written.split(sign).length - 1;
  const [start, end] = item.range;
  return { start, end, open: count("(") - count(")") };
}
