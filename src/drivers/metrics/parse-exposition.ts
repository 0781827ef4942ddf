import type { WallTime } from "../../core/units.ts";
import { readQuoted } from "./quoted.ts";

/** One sample of a scrape. `at` is the time that the source itself wrote beside it, if any. */
export interface Exposed {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly at: WallTime | null;
}

export type Exposition =
  | { readonly kind: "samples"; readonly samples: readonly Exposed[] }
  | { readonly kind: "error"; readonly why: string };

/** `text` is the Prometheus text format 0.0.4 (times in ms), `openmetrics` is 1.0.0 (times in s, ends with `# EOF`). */
export type ExpositionFormat = "text" | "openmetrics";

/**
 * Parses what a `/metrics` endpoint answers. One line that is none makes the whole an error, as Prometheus has it: what
 * follows a sign-in page's first line is not to be believed either. Never throws.
 */
export function parseExposition(body: string, format: ExpositionFormat): Exposition {
  const samples: Exposed[] = [];
  let ended = false;
  let number = 0;
  for (const line of body.split("\n")) {
    number += 1;
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.trim() === "") continue;
    if (ended && format === "openmetrics")
      return { kind: "error", why: `line ${number} stands after # EOF` };
    if (text.startsWith("#")) {
      if (text.trimEnd() === "# EOF") ended = true;
      continue;
    }
    const sample = parseLine(text, format);
    if (typeof sample === "string") return { kind: "error", why: `line ${number} ${sample}` };
    samples.push(sample);
  }
  if (format === "openmetrics" && !ended)
    return { kind: "error", why: "the answer is cut off: it does not end with # EOF" };
  return samples.length === 0
    ? { kind: "error", why: "the answer has no samples" }
    : { kind: "samples", samples };
}

const NAME = /[A-Za-z_:][\w:]*/y;
/** What stands after the labels: value, time, and an exemplar, which is passed over. */
const REST = /^[ \t]+(\S+)(?:[ \t]+([^#\s]\S*))?[ \t]*(#.*)?$/;
const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const LONGEST = 400;

function parseLine(text: string, format: ExpositionFormat): Exposed | string {
  const name = match(NAME, text, 0);
  const brace = skip(text, name.length);
  const head =
    text[brace] === "{"
      ? readLabels(text, brace + 1)
      : { labels: new Map<string, string>(), name: "", end: name.length };
  if (head === null) return `has labels that cannot be read: ${shown(text)}`;
  // A quoted name inside the braces is how names outside [a-zA-Z0-9_:] are written.
  const called = name === "" ? head.name : name;
  if (called === "") return `is not a metric: ${shown(text)}`;
  const rest = REST.exec(text.slice(head.end));
  const [, valueText = "", timeText] = rest ?? [];
  const value = parseFloatText(valueText);
  if (rest === null || value === null) return `has no readable value: ${shown(text)}`;
  if (timeText === undefined) return { name: called, labels: head.labels, value, at: null };
  const time = parseFloatText(timeText);
  if (time === null || !Number.isFinite(time)) return `has an unreadable time: ${shown(text)}`;
  return { name: called, labels: head.labels, value, at: format === "text" ? time : time * 1000 };
}

interface Labels {
  readonly labels: Map<string, string>;
  /** The metric's name where it stands quoted among the labels. */
  readonly name: string;
  readonly end: number;
}

const LABEL = /[A-Za-z_]\w*/y;
const SPACE = /[ \t]*/y;

function readLabels(text: string, from: number): Labels | null {
  const labels = new Map<string, string>();
  let name = "";
  let at = skip(text, from);
  while (text[at] !== "}") {
    const quoted = readQuoted(text, at);
    const key = quoted?.value ?? match(LABEL, text, at);
    if (key === "") return null;
    at = skip(text, quoted?.end ?? at + key.length);
    if (text[at] === "=") {
      const value = readQuoted(text, skip(text, at + 1));
      if (value === null || labels.has(key)) return null;
      labels.set(key, value.value);
      at = skip(text, value.end);
    } else if (quoted !== null && name === "" && labels.size === 0) name = key;
    else return null;
    if (text[at] === ",") at = skip(text, at + 1);
    else if (text[at] !== "}") return null;
  }
  return { labels, name, end: at + 1 };
}

function skip(text: string, at: number): number {
  return at + match(SPACE, text, at).length;
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

function parseFloatText(text: string): number | null {
  if (text.length > LONGEST) return null;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return FLOAT.test(text) ? Number(text) : null;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
