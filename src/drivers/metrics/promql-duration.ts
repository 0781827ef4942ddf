import type { Millis } from "../../core/units.ts";

const UNITS: Readonly<Record<string, Millis>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * Reads a duration as PromQL writes it: `5m`, `1h30m`, or a plain number of seconds (Prometheus 3). Null for durations
 * that are computed (`2*1m`, `step()`).
 */
export function promqlDuration(text: string): Millis | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(amount) * (UNITS[unit] ?? 0);
  return total;
}
