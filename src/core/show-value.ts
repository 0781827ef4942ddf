import type { Unit } from "./plan.ts";

/** A value in the base unit of its metric, as a plan writes it: `121ms`, `38.9%`, `12/s`. Four significant digits. */
export function showValue(value: number | boolean, unit: Unit): string {
  if (typeof value === "boolean") return String(value);
  switch (unit) {
    case "s":
      return Math.abs(value) < 1 && value !== 0 ? `${digits(value * 1000)}ms` : `${digits(value)}s`;
    case "ratio":
      return `${digits(value * 100)}%`;
    case "ratio/min":
      return `${digits(value * 100)}%/min`;
    case "/s":
    case "/min":
      return `${digits(value)}${unit}`;
    case "bytes":
      return `${digits(value)} bytes`;
    case "count":
    case "bool":
    case "none":
      return digits(value);
  }
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}
