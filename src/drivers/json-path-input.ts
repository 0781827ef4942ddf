import { z } from "zod";

import { parseJsonPath } from "./json-path.ts";

/** The schema of a path into a JSON answer. */
export const jsonPathInput = z
  .string()
  .refine(
    (text) => parseJsonPath(text) !== null,
    'this is not a path into a JSON answer: write one like data.items[0].id or labels["a.b"]',
  );
