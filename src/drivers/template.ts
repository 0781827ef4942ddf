import type { Json } from "../core/units.ts";

/** What a name stands for; undefined leaves the placeholder as it is. */
export type Lookup = (name: string) => Json | undefined;

/** An escaped `$${`, or a placeholder: whichever begins first, so that `$${x}` holds none. */
const PLACEHOLDER = /\$\$\{|\$\{([^{}]*)\}/g;

/** Whether there is anything to fill: most texts have nothing, and are looked at at every tick. */
function isTemplate(text: string): boolean {
  return text.includes("${");
}

/** The names in the placeholders of a text, in order: `${env:X} ${traffic}` gives `env:X` and `traffic`. */
export function placeholders(text: string): readonly string[] {
  if (!isTemplate(text)) return [];
  return Array.from(text.matchAll(PLACEHOLDER)).flatMap(([, name]) => name ?? []);
}

/**
 * Fills the placeholders of a text in one pass, and makes `${` of `$${`: what comes out is plain text. What is put in is
 * never looked at again, so a value read from a target cannot smuggle in a `${env:…}`. Values that are not text are put
 * in as JSON.
 */
export function fillText(text: string, lookup: Lookup): string {
  if (!isTemplate(text)) return text;
  return text.replace(PLACEHOLDER, (whole, name?: string) =>
    name === undefined ? "${" : textOf(lookup(name), whole),
  );
}

/** As `fillText`, but a text that is exactly one placeholder takes the value's own type: `"${traffic}"` gives 5, not "5". */
export function fillScalar(text: string, lookup: Lookup): Json {
  return ifOnlyOne(text, lookup) ?? fillText(text, lookup);
}

/** Fills every text value inside `json`; keys stay as they are. */
export function fillJson(json: Json, lookup: Lookup): Json {
  return mapTexts(json, (text) => fillScalar(text, lookup));
}

/**
 * Fills what is known by now, for a text that is filled again later: `$${` stays, and what is put in is escaped, so that
 * it is not taken for a placeholder then.
 */
export function prefillText(text: string, lookup: Lookup): string {
  if (!isTemplate(text)) return text;
  let filled = "";
  let plain = "";
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, name] = match;
    const value = name === undefined ? "${" : lookup(name);
    plain += text.slice(from, match.index);
    from = match.index + whole.length;
    if (value !== undefined) plain += textOf(value, whole);
    else {
      filled += escapeText(plain) + whole;
      plain = "";
    }
  }
  return filled + escapeText(plain + text.slice(from));
}

/** As `fillJson`, for values that are filled again later. */
export function prefillJson(json: Json, lookup: Lookup): Json {
  return mapTexts(json, (text) => {
    const whole = ifOnlyOne(text, lookup);
    return whole === undefined ? prefillText(text, lookup) : mapTexts(whole, escapeText);
  });
}

/** The text as a template that stands for it. */
export function escapeText(text: string): string {
  return isTemplate(text) ? text.replaceAll("${", () => "$${") : text;
}

/** A copy of `json` in which every text value was replaced. */
export function mapTexts(json: Json, change: (text: string) => Json): Json {
  if (typeof json === "string") return change(json);
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((each: Json) => mapTexts(each, change));
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [key, mapTexts(each, change)]),
  );
}

function ifOnlyOne(text: string, lookup: Lookup): Json | undefined {
  const [name] = placeholders(text);
  return name !== undefined && text === `\${${name}}` ? lookup(name) : undefined;
}

function textOf(value: Json | undefined, otherwise: string): string {
  if (value === undefined) return otherwise;
  return typeof value === "string" ? value : JSON.stringify(value);
}
