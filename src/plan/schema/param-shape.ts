import { z } from "zod";

const value = z.union([z.string(), z.number(), z.boolean()]);

/** The keys of a parameter. */
export const paramShape = {
  type: z
    .enum(["string", "number", "boolean", "share", "duration"])
    .optional()
    .describe("what it must be; without it that of its default"),
  default: value.optional().describe("the value when --set does not give one"),
  required: z.boolean().optional().describe("whether --set must give it"),
  choices: z.array(value).min(1).optional().describe("the only values that it may have"),
  min: value.optional().describe("the least number, share or duration"),
  max: value.optional().describe("the greatest number, share or duration"),
  description: z.string().optional(),
  example: value
    .optional()
    .describe("the value that lint, plan and rehearse take for a required one"),
};
