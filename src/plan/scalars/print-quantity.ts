import type { Unit } from "../../core/plan.ts";
import { scaleDecimal } from "./scale-decimal.ts";

/** Writes a value of a metric with its unit, as `parseQuantity` reads it back to exactly the same number. */
export function printQuantity(value: number | boolean, unit: Unit): string {
  if (typeof value === "boolean") return String(value);
  switch (unit) {
    case "s":
      return `${value}s`;
    case "ratio":
      return `${shifted(value)}%`;
    case "ratio/min":
      return `${shifted(value)}%/min`;
    case "/s":
    case "/min":
      return `${value}${unit}`;
    case "bytes":
      return `${value}B`;
    case "count":
    case "none":
    case "bool":
      return String(value);
  }
}

/** The decimal text of `value` times 100 that, read back and divided again, is `value` to the last bit. */
function shifted(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const exact = `${mantissa}e${Number(exponent) + 2}`;
  const short = String(Number(exact));
  return scaleDecimal(short, -2) === value ? short : exact;
}
