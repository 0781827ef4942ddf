/** Takes secrets out of text before it is written anywhere. */
export interface Redactor {
  /** Makes a value unreadable in everything that is redacted from now on, in the encodings that logs show. */
  register(name: string, value: string): void;
  redact(text: string): string;
}

/** Shorter values would hide ordinary words; they are redacted only where they stand alone as a whole text. */
const SHORTEST = 4;

const PATTERNS: readonly { readonly pattern: RegExp; readonly keep: string }[] = [
  { pattern: /\b(authorization\s*[:=]\s*(?:bearer|basic|token)?\s*)[^\s"',;]+/giu, keep: "$1" },
  { pattern: /\b(bearer\s+)[\w~+/.-]{8,}=*/giu, keep: "$1" },
  {
    pattern:
      /\b((?:password|passwd|secret|api[-_]?key|access[-_]?token)\s*[:=]\s*"?)[^\s"',;&]+/giu,
    keep: "$1",
  },
  { pattern: /(:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/gu, keep: "$1" },
  {
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/gu,
    keep: "",
  },
];

/** Builds a redactor that knows no secrets yet. */
export function createRedactor(): Redactor {
  const known = new Map<string, string>();
  let longestFirst: readonly (readonly [string, string])[] = [];
  return {
    register(name, value) {
      for (const form of formsOf(value)) if (form.length >= SHORTEST) known.set(form, name);
      longestFirst = [...known].toSorted(([a], [b]) => b.length - a.length);
    },
    redact(text) {
      let clean = text;
      for (const [form, name] of longestFirst) clean = clean.replaceAll(form, `[redacted ${name}]`);
      for (const { pattern, keep } of PATTERNS) clean = clean.replace(pattern, `${keep}[redacted]`);
      return clean;
    },
  };
}

/** A value as it is, line by line, and as JSON, URLs, base64 and hex write it. */
function formsOf(value: string): ReadonlySet<string> {
  const bytes = Buffer.from(value, "utf8");
  const lines = value.split(/\r?\n/u).map((line) => line.trim());
  const base64 = bytes.toString("base64");
  return new Set([
    value,
    value.trim(),
    ...lines.filter((line) => line.length >= 8),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll("%20", "+"),
    base64,
    base64.replace(/=+$/u, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ]);
}
