import { z } from "zod";

import { duration, positiveDuration, share } from "./scalars.ts";

/** The keys of `rollback.gradual`. */
export const gradualShape = {
  shares: z.array(share).min(1).describe("the shares to step down through"),
  every: positiveDuration.describe("how long each share is held"),
};

/** The keys of `rollback.verify` with a plain value. */
export const verifyShape = {
  wait: duration.optional().describe("the time until the first measurement that counts"),
  within: positiveDuration
    .optional()
    .describe("it is verified by then, or it failed; without it 10m"),
  interval: positiveDuration.optional().describe("how often its gates are measured"),
};

export const rollbackSections = {
  actions: "run after the undo",
  gradual: "step down instead of going back at once",
  verify: "what must be true afterwards",
} as const;

export const verifyLists = {
  checks: "tests that must pass",
  gates: "conditions that must hold",
} as const;
