import { z } from "zod";

/** The schema of a command that canary itself runs: a list, since no shell reads it. */
export const argv = z
  .array(z.string(), {
    error: ({ input }) =>
      typeof input === "string"
        ? "no shell here: write a list like [git, tag, v1]"
        : "a command is a list like [git, tag, v1]",
  })
  .min(1, "the command is empty");
