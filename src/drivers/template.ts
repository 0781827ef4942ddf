import type { Json } from "../core/units.ts";

/** What a name stands for; undefined leaves the placeholder as it is. */
export type Lookup = (name: string) => Json | undefined;

const PLACEHOLDER = /\$\{([^{}]*)\}/g;

/** The names in the placeholders of a text, in order: `${env:X} ${traffic}` gives `env:X` and `traffic`. */
export function placeholders(text: string): readonly string[] {
  return Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] ?? "");
}

/**
 * Fills the placeholders of a text in one pass: what is put in is never looked at again, so a value read from a target
 * cannot smuggle in a `${env:…}`. Values that are not text are put in as JSON.
 */
export function fillText(text: string, lookup: Lookup): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => {
    const value = lookup(name);
    if (value === undefined) return whole;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

/** As `fillText`, but a text that is exactly one placeholder takes the value's own type: `"${traffic}"` gives 5, not "5". */
export function fillScalar(text: string, lookup: Lookup): Json {
  const [name] = placeholders(text);
  if (name === undefined || text !== `\${${name}}`) return fillText(text, lookup);
  const value = lookup(name);
  return value === undefined ? text : value;
}

/** Fills every text value inside `json`; keys stay as they are. */
export function fillJson(json: Json, lookup: Lookup): Json {
  return mapTexts(json, (text) => fillScalar(text, lookup));
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
