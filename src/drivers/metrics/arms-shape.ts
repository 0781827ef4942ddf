import { z } from "zod";

/** What a connection calls the two versions in its own language; it fills `${arm}` in queries. */
export function armsShape(description: string): z.ZodOptional<z.ZodType<Arms>> {
  return z
    .strictObject({ canary: z.string(), stable: z.string().optional() })
    .optional()
    .describe(description);
}

export interface Arms {
  readonly canary: string;
  readonly stable?: string | undefined;
}
