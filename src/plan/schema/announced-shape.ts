import { z } from "zod";

import { duration } from "./scalars.ts";

/** The keys of a check that people were told something in time, by `canary announce`. */
export const announcedShape = {
  announced: z.string().min(1).describe("the name of a message under `messages`, with a `to`"),
  ahead: duration.describe("how long before the start it was sent at least"),
  valid: duration.optional().describe("how old it may be; without it 14d"),
};
