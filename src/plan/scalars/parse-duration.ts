import type { Millis } from "../../core/units.ts";
import type { Parsed } from "./parsed.ts";
import { scaleDecimal } from "./scale-decimal.ts";

/** Powers of ten are kept apart from factors, so that `0.3s` is exactly 300. */
const UNITS: Readonly<Record<string, { readonly factor: number; readonly exponent: number }>> = {
  ms: { factor: 1, exponent: 0 },
  s: { factor: 1, exponent: 3 },
  m: { factor: 60, exponent: 3 },
  h: { factor: 3600, exponent: 3 },
  d: { factor: 86_400, exponent: 3 },
};

const ALIASES: Readonly<Record<string, string>> = {
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  hr: "h",
  hrs: "h",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
  msec: "ms",
  millis: "ms",
  milliseconds: "ms",
};

/** A year: what is longer was not meant, and would overflow a timer. */
const LONGEST: Millis = 366 * 86_400_000;
const ORDER = ["d", "h", "m", "s", "ms"];
const HOW = "write a number with ms, s, m, h or d, like 30s, 5m or 1h30m";

/**
 * Reads a duration in milliseconds, 0 to 366 days: `300ms`, `30s`, `5m`, `1h30m`, `2d`. A number without a unit, a
 * negative one and units out of order are refused with what to write instead.
 */
export function parseDuration(given: unknown): Parsed<Millis> {
  if (typeof given === "number") return unitless(String(given));
  if (typeof given !== "string") return bad(`${JSON.stringify(given)} is not a duration`, HOW);
  const text = given.trim();
  if (/^-?[\d.]+$/.test(text)) return unitless(text);
  if (text.startsWith("-")) return bad(`${text} is negative`, HOW);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*/gy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text)
    return unreadable(text);
  const units = parts.map(([, , unit = ""]) => unit);
  const known = units.map((unit) => (Object.hasOwn(UNITS, unit) ? unit : aliasOf(unit)));
  const tidy = parts.map(([, number = ""], index) => `${number}${known[index] ?? ""}`).join("");
  const strange = units.find((_, index) => known[index] === undefined);
  if (strange !== undefined) return bad(`${text} has the unknown unit ${strange}`, HOW);
  if (tidy !== text) return bad(`${text} is not how a duration is written`, `write ${tidy}`);
  const places = units.map((unit) => ORDER.indexOf(unit));
  if (places.some((place, index) => index > 0 && place <= (places[index - 1] ?? -1)))
    return bad(`${text} has its units out of order`, "write the largest unit first, each once");
  const value = parts.reduce((sum, [, number = "", unit = ""]) => sum + millisOf(number, unit), 0);
  if (value > LONGEST) return bad(`${text} is longer than a year`, HOW);
  return { kind: "ok", value };
}

function millisOf(number: string, unit: string): number {
  const { factor, exponent } = UNITS[unit] ?? { factor: Number.NaN, exponent: 0 };
  return scaleDecimal(number, exponent) * factor;
}

function aliasOf(unit: string): string | undefined {
  const lower = unit.toLowerCase();
  if (Object.hasOwn(UNITS, lower)) return lower;
  return Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined;
}

function unitless(text: string): Parsed<Millis> {
  if (text.startsWith("-")) return bad(`${text} is negative`, HOW);
  return Number(text) === 0
    ? { kind: "ok", value: 0 }
    : bad(`${text} has no unit`, `write ${text}s for seconds or ${text}m for minutes`);
}

function unreadable(text: string): Parsed<Millis> {
  return bad(text === "" ? "the duration is empty" : `${text} is not a duration`, HOW);
}

function bad(message: string, fix: string): Parsed<Millis> {
  return { kind: "bad", message, fix };
}
