import type { Unit } from "../../core/plan.ts";
import { nearest } from "../nearest.ts";
import type { Parsed } from "./parsed.ts";
import { quantityUnits, type QuantityUnit } from "./quantity-units.ts";
import { scaleDecimal } from "./scale-decimal.ts";

const NUMBER = /^([+-]?)(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(\S*)$/;

/**
 * Reads a value with its unit and converts it to the base unit of a metric: `300ms` is 0.3 for `s`, `5%` is 0.05 for
 * `ratio`, `10/min` is 1/6 for `/s`, `true` is true for `bool`. A missing or foreign unit is refused; a bare 0 is 0 in
 * every unit. Points (`5pp`) are differences: see `parsePoints`.
 */
export function parseQuantity(given: unknown, unit: Unit): Parsed<number | boolean> {
  if (unit === "bool") return parseBool(given);
  const { is, example } = quantityUnits[unit];
  if (typeof given === "boolean")
    return bad(`${given} is compared with ${is}`, `write a limit like ${example}`);
  const text = String(given).trim();
  const [, sign = "", number, written = ""] = NUMBER.exec(text) ?? [];
  if (number === undefined) return notNumber(text, quantityUnits[unit]);
  if (/^,\d/.test(written))
    return bad(`${text} has a comma`, `write ${text.replaceAll(",", "")}, or a point for decimals`);
  return convert({ text, sign, number, written }, quantityUnits[unit]);
}

interface Written {
  readonly text: string;
  readonly sign: string;
  readonly number: string;
  readonly written: string;
}

function convert({ text, sign, number, written }: Written, unit: QuantityUnit): Parsed<number> {
  const worth = Object.hasOwn(unit.written, written) ? unit.written[written] : undefined;
  if (worth === undefined && written === "") {
    if (Number(number) === 0) return { kind: "ok", value: 0 };
    return bad(`${text} has no unit, and this is ${unit.is}`, missing(text, number, unit));
  }
  if (worth === undefined) return foreign({ text, sign, number, written }, unit);
  if (text.includes(" "))
    return bad(`${text} has a space before its unit`, `write ${sign}${number}${written}`);
  const value = scaleDecimal(number, worth.exponent) * worth.factor;
  if (!Number.isFinite(value))
    return bad(`${text} is too large`, `write a limit like ${unit.example}`);
  return { kind: "ok", value: sign === "-" && value !== 0 ? -value : value };
}

function missing(text: string, number: string, unit: QuantityUnit): string {
  if (unit.likely === "%") {
    const points = Number((Number(number) * 100).toPrecision(12));
    return Number(number) <= 1 ? `write ${points}% (or ${text}%)` : `write ${text}%`;
  }
  const milli = unit.likely === "s" && Number(number) >= 10 ? ` or ${text}ms` : "";
  return `write ${text}${unit.likely ?? ""}${milli}`;
}

function foreign({ text, sign, number, written }: Written, unit: QuantityUnit): Parsed<number> {
  if (written === "pp")
    return bad(
      `${text} is a difference in points`,
      `points stand after a reference, like \`baseline + ${number}pp\``,
    );
  const alias = Object.hasOwn(aliases, written.toLowerCase())
    ? aliases[written.toLowerCase()]
    : undefined;
  const close = alias ?? nearest(written, Object.keys(unit.written)) ?? "";
  const known = Object.hasOwn(foreignUnits, written);
  if (!known && close !== "" && Object.hasOwn(unit.written, close))
    return bad(`${text} has the unknown unit ${written}`, `write ${sign}${number}${close}`);
  if (unit.likely === null)
    return bad(
      `${text} does not fit: this is ${unit.is}`,
      `write ${sign}${number}, or state the metric's \`unit\``,
    );
  return bad(`${text} does not fit: this is ${unit.is}`, `write a limit like ${unit.example}`);
}

const aliases: Readonly<Partial<Record<string, string>>> = {
  msec: "ms",
  millis: "ms",
  sec: "s",
  seconds: "s",
  second: "s",
  minutes: "m",
  minute: "m",
  min: "m",
  hours: "h",
  percent: "%",
  pct: "%",
  rps: "/s",
  "req/s": "/s",
  "/sec": "/s",
  "/m": "/min",
  "/minute": "/min",
  "%/m": "%/min",
  bytes: "B",
};

/** Units that exist, so that one is never taken for a slip of another. */
const foreignUnits: Readonly<Record<string, true>> = Object.fromEntries(
  Object.values(quantityUnits)
    .flatMap(({ written }) => Object.keys(written))
    .map((written) => [written, true as const]),
);

function notNumber(text: string, unit: QuantityUnit): Parsed<number> {
  if (/^[+-]?\.\d/.test(text))
    return bad(`${text} has no digit before the point`, `write ${text.replace(".", "0.")}`);
  return bad(
    text === "" ? "the limit is empty" : `${text} is not a number`,
    `write a limit like ${unit.example}`,
  );
}

function parseBool(given: unknown): Parsed<boolean> {
  if (given === true || given === "true") return { kind: "ok", value: true };
  if (given === false || given === "false") return { kind: "ok", value: false };
  return bad(`${String(given)} is not true or false, and this metric is`, "write true or false");
}

function bad(message: string, fix: string): { kind: "bad"; message: string; fix: string } {
  return { kind: "bad", message, fix };
}
