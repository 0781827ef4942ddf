import type { Parsed } from "./parsed.ts";
import { scaleDecimal } from "./scale-decimal.ts";

/** Reads percentage points as a ratio: `5pp` is 0.05, and so is `5pp/min` per minute. Never negative. */
export function parsePoints(text: string): Parsed<number> {
  const [, number] = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)pp(?:\/min)?$/.exec(text) ?? [];
  if (number === undefined)
    return { kind: "bad", message: `${text} is not in points`, fix: "write points like 5pp" };
  return { kind: "ok", value: scaleDecimal(number, -2) };
}
