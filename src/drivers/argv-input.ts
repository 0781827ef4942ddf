import { z } from "zod";

import { textProblem } from "./text-problem.ts";

/** The schema of a command: a list, since no shell reads it. */
export const argvInput = z
  .array(z.string({ error: ({ input }) => textProblem("an argument", input) }), {
    error: ({ input }) =>
      typeof input === "string"
        ? "no shell here: write a list like [gh, run, list]; `>` is `as:`"
        : "a command is a list like [gh, run, list]",
  })
  .min(1, "the command is empty")
  .refine((argv) => argv[0]?.trim() !== "", "the command is empty")
  .describe("the command as a list; no shell reads it");

export const envInput = z
  .record(z.string(), z.string({ error: ({ input }) => textProblem("a variable", input) }))
  .describe(
    "environment of the command; the place for secrets, since arguments are seen by everyone",
  );
