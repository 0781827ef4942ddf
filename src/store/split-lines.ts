/** Splits a journal into its lines. What follows the last newline was cut in the middle of a write: it never counts as a line. */
export function splitLines(text: string): {
  readonly lines: readonly string[];
  readonly torn: string | null;
} {
  const parts = text.split("\n");
  const rest = parts.pop() ?? "";
  return { lines: parts, torn: rest === "" ? null : rest };
}
