import { z } from "zod";

import type { Unit } from "../../core/plan.ts";
import { confidence, duration, positiveDuration, share } from "./scalars.ts";

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

/** What users of dashboards write, and what it is in base units. */
const MEANS: Readonly<Record<string, string>> = {
  ms: "s, and divide by 1000 in the query",
  us: "s, and divide by 1000000 in the query",
  milliseconds: "s, and divide by 1000 in the query",
  seconds: "s",
  sec: "s",
  m: "s, and multiply by 60 in the query",
  "%": "ratio, and let the query give 0 to 1",
  percent: "ratio, and let the query give 0 to 1",
  percentage: "ratio, and let the query give 0 to 1",
  "%/min": "ratio/min",
  rps: "/s",
  "req/s": "/s",
  rate: "/s",
  B: "bytes",
  MB: "bytes",
  number: "none or count",
  boolean: "bool",
};

function unitWords(given: unknown): string | undefined {
  const meant = typeof given === "string" && Object.hasOwn(MEANS, given) ? MEANS[given] : undefined;
  return meant === undefined ? undefined : `${String(given)} is no base unit, write ${meant}`;
}

/** The keys that every metric may have beside those of its source. */
export const metricShape = {
  connection: z.string().optional().describe("left out where only one connection can answer"),
  unit: z
    .enum(units, { error: ({ input }) => unitWords(input) })
    .optional()
    .describe("the base unit of its values; bad/total gives ratio"),
  minSamples: z.number().min(0).optional().describe("fewer samples are inconclusive"),
  confidence: confidence
    .optional()
    .describe("comparisons with stable are proven, wrongly at most in the rest: 95% is once in twenty"),
  max: z
    .union([z.string(), z.number()])
    .optional()
    .describe(
      "the most that one value counts for where values are compared at a `confidence`, which is only approximate without it",
    ),
  designEffect: z
    .number()
    .min(1)
    .optional()
    .describe("variance over mean of its counts, where events come in bursts; without it 1"),
  splitTolerance: share
    .optional()
    .describe(
      "holds when the canary gets that much more or less of the counted requests than its stage says",
    ),
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
