import { z } from "zod";

import { nameText, positiveDuration } from "./scalars.ts";

const output = z.strictObject({
  json: z.string().min(1).describe("the path of the value in the answer"),
  secret: z.boolean().optional().describe("whether it is kept in memory only"),
});

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
  outputs: z
    .record(nameText, output)
    .optional()
    .describe("values of the answer, used later as ${outputs.name}"),
};
