import { z } from "zod";

import { outputsInput } from "./outputs-shape.ts";
import { positiveDuration } from "./scalars.ts";

/** The keys that every action may have beside its verb. */
export const actionShape = {
  name: z.string().min(1).optional().describe("what people read; without it the verb"),
  timeout: positiveDuration
    .optional()
    .describe("how long it and its undo may take; one write is cut after 30s at most"),
  reversible: z.boolean().optional().describe("false marks a point of no return"),
  onUnknown: z
    .enum(["hold", "rerun", "skip"])
    .optional()
    .describe("what to do when nobody knows whether it happened; without it hold"),
  outputs: outputsInput,
};
