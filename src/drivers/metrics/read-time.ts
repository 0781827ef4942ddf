import type { WallTime } from "../../core/units.ts";

const ISO =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?(?:\d\d)?)?$/i;
/** `10/Oct/2000:13:55:36 -0700`, as web servers write it. */
const COMMON_LOG = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** Unix seconds reach this in the year 5138; milliseconds passed it in 1973. */
const SECONDS_END = 1e11;

/**
 * Reads a point in time: ISO 8601 (a text without a zone is UTC, or `zone` such as `+02:00`), the common log format,
 * or unix time in seconds or milliseconds. Null when it is none of these.
 */
export function readTime(text: string | number, zone = "Z"): WallTime | null {
  if (typeof text === "number") return fromUnix(text);
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return fromUnix(Number(trimmed));
  const iso = ISO.exec(trimmed);
  if (iso !== null) {
    const [, date, time, fraction = "0", offset] = iso;
    return parsed(
      `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${offsetOf(offset ?? zone)}`,
    );
  }
  const common = COMMON_LOG.exec(trimmed);
  if (common === null) return null;
  const [, day, name = "", year, time, offset = ""] = common;
  const month = MONTHS.indexOf(name) / 3 + 1;
  if (!Number.isInteger(month) || month < 1) return null;
  return parsed(`${year}-${String(month).padStart(2, "0")}-${day}T${time}${offsetOf(offset)}`);
}

function fromUnix(value: number): WallTime | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  return value < SECONDS_END ? value * 1000 : value;
}

function offsetOf(text: string): string {
  if (/^(?:z|utc)$/i.test(text)) return "Z";
  const digits = text.slice(1).replace(":", "").padEnd(4, "0");
  return `${text.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function parsed(text: string): WallTime | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
