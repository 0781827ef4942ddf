import { z } from "zod";

import { nameText } from "./scalars.ts";

const output = z.strictObject({
  json: z.string().min(1).describe("the path of the value in the answer; $ is all of it"),
  secret: z.boolean().optional().describe("whether it is kept in memory only"),
});

/** The schema of `outputs`: what is taken from an answer, by the name under which it is used later. */
export const outputsInput = z
  .record(nameText, output)
  .optional()
  .describe("values of the answer, used later as ${outputs.name}");
