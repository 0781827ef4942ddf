import { z } from "zod";

import { duration } from "./scalars.ts";

/** The keys of a check that is a person's word. */
export const confirmShape = {
  confirm: z.string().min(1).describe("what is confirmed"),
  by: z.string().min(1).optional().describe("the role that may confirm it"),
  count: z.int().min(1).optional().describe("how many people must; without it one"),
  valid: duration.optional().describe("how long the word holds; without it for this rollout"),
};
