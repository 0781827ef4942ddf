/** A piece of a condition's text. A number carries its unit: `200ms`, `0.5%/min`, `1h30m`, `1.2x`. */
export interface Token {
  readonly kind: "word" | "number" | "operator" | "sign" | "other";
  readonly text: string;
  readonly offset: number;
}

const RULES: readonly (readonly [Token["kind"], RegExp])[] = [
  // `baseline-5%` is a subtraction, although names may hold a `-`.
  ["word", /(?:baseline|stable)(?=[-+*]\s*\d)/y],
  ["word", /[A-Za-z_][A-Za-z0-9_.-]*/y],
  ["number", /(?:\.?\d[\d.,]*(?:[eE][+-]?\d+)?[A-Za-zµμ%×]*)+(?:\/[A-Za-z]+)?/y],
  ["operator", /[<>=!≤≥≠]+/y],
  ["sign", /[+-]/y],
  ["other", /&&|\|\||\/[A-Za-z]+|[^]/y],
];

/** Splits a condition into tokens. Every character but white space ends up in one, so nothing is passed over. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, offset: number): Token {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = offset;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return { kind, text: found, offset };
  }
  throw new Error(`no token at ${offset} of ${text}`);
}
