import type { Percent } from "../../core/units.ts";
import type { Parsed } from "./parsed.ts";

const HOW = "write a percentage from 0% to 100%, like 5%";

/**
 * Reads a share in percent, 0 to 100: `5%`, `0.5%`. A number without `%` is refused, because 0.5 may mean 0.5 % or half
 * of all traffic.
 */
export function parsePercent(given: unknown): Parsed<Percent> {
  if (typeof given === "number") return unitless(String(given));
  if (typeof given !== "string") return bad(`${JSON.stringify(given)} is not a share`, HOW);
  const text = given.trim();
  const [, number, unit] = /^(-?\d+(?:\.\d+)?)\s*(%|percent)?$/i.exec(text) ?? [];
  if (number === undefined)
    return bad(text === "" ? "the share is empty" : `${text} is not a share`, HOW);
  if (unit === undefined) return unitless(number);
  const value = Number(number);
  if (value < 0 || value > 100) return bad(`${text} is not between 0% and 100%`, HOW);
  if (text !== `${number}%`)
    return bad(`${text} is not how a share is written`, `write ${number}%`);
  return { kind: "ok", value };
}

function unitless(number: string): Parsed<Percent> {
  const value = Number(number);
  if (value < 0 || value > 100) return bad(`${number} is not a share`, HOW);
  const half = value > 0 && value < 1 ? `, or ${Number((value * 100).toPrecision(12))}%` : "";
  return bad(`${number} has no %`, `write ${number}%${half}`);
}

function bad(message: string, fix: string): Parsed<Percent> {
  return { kind: "bad", message, fix };
}
