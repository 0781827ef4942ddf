import { z } from "zod";

import { compilePattern } from "./metrics/compile-pattern.ts";

/**
 * The expression of a line pattern: a regular expression, with or without `/…/i` around it, or with a leading `(?i)` as
 * grep -P has it. Null when it does not parse.
 */
export function linePattern(text: string): RegExp | null {
  const match = /^\/(.*)\/([imsu]*)$/s.exec(text);
  if (match === null) return compilePattern(text);
  try {
    return new RegExp(match[1] ?? "", match[2]);
  } catch {
    return null;
  }
}

/** The schema of a regular expression that lines are searched with. */
export const linePatternInput = z
  .string()
  .min(1)
  .refine((text) => linePattern(text) !== null, "this regular expression does not parse");
