import { z } from "zod";

import { matcherOf } from "./text-pattern.ts";

/** The schema of an expected text: the text itself, or `/a regular expression/`. */
export const textPatternInput = z
  .string()
  .refine((text) => matcherOf(text) !== null, "this regular expression does not parse");
