import { z } from "zod";

import type { Millis } from "../core/units.ts";

const UNITS: Readonly<Record<string, Millis>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The schema of a duration in a driver's own input: text like 500ms, 30s, 5m or 2h. It stays text, as a stored plan holds it. */
export const durationInput = z
  .string({ error: "write a duration with its unit, like 30s or 5m" })
  .regex(/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/, "write a duration with its unit, like 30s or 5m");

/** The milliseconds of a text that `durationInput` accepted. */
export function durationOf(text: string): Millis {
  const match = /^([\d.]+)(\D+)$/.exec(text);
  return Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
}
