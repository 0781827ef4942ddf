import { secretForms, SHORTEST } from "./secret-forms.ts";

/** Takes secrets out of text before it is written anywhere. */
export interface Redactor {
  /**
   * Makes a value unreadable in everything that is redacted from now on, in the encodings that logs show. A value of less
   * than four characters only where a text is nothing else: it would hide ordinary words. `name` is shown in its place.
   */
  register(name: string, value: string): void;
  redact(text: string): string;
}

/** What a credential looks like when nobody registered it; `$1` is kept. None looks back over what it read: linear in the text. */
const PATTERNS: readonly RegExp[] = [
  /(authorization"?\s{0,8}[:=]\s{0,8}["']?(?:(?:bearer|basic|token|digest|negotiate)\s{1,8})?)(?!\[redacted|(?:bearer|basic|token|digest|negotiate)\s)[^\s"',;]+/giu,
  /\b(bearer\s{1,8})(?!\[redacted)[\w~+/.-]{8,}={0,2}/giu,
  /((?:password|passwd|passphrase|secret|token|(?:api|access|secret|private)[-_]?key)"?\s{0,8}[:=]\s{0,8}["']?)(?!\[redacted|\$\{|(?:true|false|null|none)\b)[^\s"',;&}]+/giu,
  /(:\/\/[^/\s:@]{0,256}:)(?!\[redacted)[^/\s@]{1,1024}(?=@)/gu,
  /()-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:(?!-----)[\s\S])*(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/gu,
];
/** Something that a pattern begins with. Most texts of a rollout have none of it, and are not searched further. */
const HINT = /authorization|bearer|pass|secret|token|key|:\/\//iu;

/** Builds a redactor that knows no secrets yet. */
export function createRedactor(): Redactor {
  const names = new Map<string, string>();
  const short = new Map<string, string>();
  let longestFirst: readonly string[] = [];
  return {
    register(name, value) {
      if (value === "") return;
      if (value.length < SHORTEST) short.set(value, name);
      for (const form of secretForms(value)) if (!names.has(form)) names.set(form, name);
      longestFirst = [...names.keys()].toSorted((a, b) => b.length - a.length);
    },
    redact(text) {
      const alone = short.get(text.trim());
      if (alone !== undefined) return mark(alone);
      const present = longestFirst.filter((form) => text.includes(form));
      // One pass, so that a mark that was put in is not itself searched.
      const clean =
        present.length === 0
          ? text
          : text.replace(anyOf(present), (form) => mark(names.get(form) ?? ""));
      if (!HINT.test(clean)) return clean;
      return PATTERNS.reduce((rest, pattern) => rest.replace(pattern, "$1[redacted]"), clean);
    },
  };
}

function mark(name: string): string {
  return `[redacted ${name}]`;
}

/** Matches the first of these that fits: of two secrets that begin alike, the rest of the longer one must not stay. */
function anyOf(longestFirst: readonly string[]): RegExp {
  const escaped = longestFirst.map((form) =>
    form.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`),
  );
  return new RegExp(escaped.join("|"), "gu");
}
