/** A quoted text and the place after its closing quote. */
export interface Quoted {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads a text in double quotes at `at`, with the escapes of the metric formats: `\\`, `\"` and `\n`. Any other
 * backslash stands for itself, as Prometheus reads it (`\.` in a pattern). Null when it is not closed.
 */
export function readQuoted(text: string, at: number): Quoted | null {
  if (text[at] !== '"') return null;
  let value = "";
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return null;
    const slash = text.indexOf("\\", from);
    if (slash === -1 || slash > quote)
      return { value: value + text.slice(from, quote), end: quote + 1 };
    const escaped = text[slash + 1];
    if (escaped === undefined) return null;
    value += text.slice(from, slash) + (UNESCAPED[escaped] ?? `\\${escaped}`);
    from = slash + 2;
  }
}

const UNESCAPED: Readonly<Record<string, string>> = { "\\": "\\", '"': '"', n: "\n" };
