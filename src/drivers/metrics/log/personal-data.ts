import { EMAIL, isCardNumber } from "../../../core/personal-data.ts";

/** Classes of personal data that a log can be searched for. */
export const PERSONAL_CLASSES = ["email", "handle", "ip", "card"] as const;

export type PersonalClass = (typeof PERSONAL_CLASSES)[number];

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";

const PATTERNS: Readonly<Record<PersonalClass, RegExp>> = {
  email: EMAIL,
  // `@name`, but neither the end of an address nor the scope of a package (`@types/node`) nor a hash behind a class name.
  handle: /(?<![\w.@/-])@[a-z_][\w.]{1,31}\b(?![/@])/giu,
  // Not a part of a longer run of numbers, and no version: v1.2.3.4, Chrome/120.0.0.0, version=1.2.3.4.
  ip: new RegExp(
    `(?<![\\w.:/-]|version[ =:"']{1,3})(?:${OCTET}\\.){3}${OCTET}(?![\\w-]|\\.\\d)|(?<![\\w:.])(?:[\\da-f]{1,4}:){7}[\\da-f]{1,4}(?![\\w:])|(?<![\\w:.])(?:[\\da-f]{1,4}:){1,6}(?::[\\da-f]{1,4}){1,6}(?![\\w:])`,
    "giu",
  ),
  card: /(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])/gu,
};

/** Addresses of the machine itself name nobody. */
const NOBODY = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$)/u;

export interface PersonalHit {
  readonly kind: PersonalClass;
  /** What was found. Never leaves the process. */
  readonly text: string;
}

/** Personal data of these classes in a line, but for texts that are allowed: `@app`, or a regular expression on the hit. */
export function findPersonal(
  line: string,
  classes: readonly PersonalClass[],
  isAllowed: (text: string) => boolean,
): readonly PersonalHit[] {
  return classes.flatMap((kind) =>
    [...line.matchAll(PATTERNS[kind])]
      .map(([text]) => ({ kind, text }))
      .filter((hit) => isPersonal(hit) && !isAllowed(hit.text)),
  );
}

function isPersonal({ kind, text }: PersonalHit): boolean {
  if (kind === "ip") return !NOBODY.test(text);
  return kind !== "card" || isCardNumber(text);
}
