import { z } from "zod";

import { fileName } from "./file-name.ts";
import { positiveDuration } from "./scalars.ts";

/** The keys that every evidence item may have beside those of its kind. */
export const evidenceShape = {
  as: fileName.describe("the name of the file; unique over the plan"),
  connection: z.string().optional().describe("left out where only one connection fits"),
  every: positiveDuration.optional().describe("taken again and again, not only at the end"),
  required: z.boolean().optional().describe("whether the stage passes only with it"),
  timeout: positiveDuration.optional().describe("how long it may take; without it 30s"),
};
