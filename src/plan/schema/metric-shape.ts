import { z } from "zod";

import type { Unit } from "../../core/plan.ts";
import { duration, positiveDuration } from "./scalars.ts";

const units = [
  "s",
  "ratio",
  "count",
  "/s",
  "/min",
  "ratio/min",
  "bytes",
  "bool",
  "none",
] as const satisfies readonly Unit[];

/** The keys that every metric may have beside those of its source. */
export const metricShape = {
  connection: z.string().optional().describe("left out where only one connection can answer"),
  unit: z.enum(units).optional().describe("the base unit of its values; bad/total gives ratio"),
  minSamples: z.number().min(0).optional().describe("fewer samples are inconclusive"),
  window: duration
    .optional()
    .describe("how far back one answer looks, where the query does not say"),
  baseline: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("a stated baseline instead of the captured one"),
  maxAge: positiveDuration.optional().describe("an older answer is stale; without it 5m"),
  timeout: positiveDuration.optional().describe("how long an answer may take; without it 10s"),
};
