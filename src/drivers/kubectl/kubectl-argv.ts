import { z } from "zod";

import { describeArgv } from "../describe-argv.ts";
import { textProblem } from "../text-problem.ts";

/** The schema of a kubectl command without the word `kubectl`, which the key says already. */
export const kubectlArgv = z
  .array(z.string({ error: ({ input }) => textProblem("an argument", input) }), {
    error: ({ input }) =>
      typeof input === "string"
        ? "no shell here: write a list like [get, pods, -l, app=api]; `>` is `as:`"
        : "a command is a list like [get, pods, -l, app=api]",
  })
  .min(1, "the command is empty")
  .refine((argv) => argv[0] !== "kubectl", "leave the word kubectl out: the key says it already")
  .describe("the arguments of kubectl as a list; context and namespace come from the connection");

/** The command as a person would type it. */
export function describeKubectl(argv: readonly string[]): string {
  return describeArgv(["kubectl", ...argv]);
}
